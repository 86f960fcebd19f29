"""Which addresses of marimo's server a learner's course answers.

Every route of the installed marimo stands in one of the three tables; a test compares them with
marimo's own routers, so that a new one is refused until somebody has looked at it.
"""

# What lessons use, and the ordinary ways to edit, run and save them.
LESSONS = frozenset(
    {
        "/",
        "/api/kernel/code_autocomplete",
        "/api/kernel/delete",
        "/api/kernel/focus_cell",
        "/api/kernel/format",
        "/api/kernel/function_call",
        "/api/kernel/instantiate",
        "/api/kernel/interrupt",
        "/api/kernel/read_code",
        "/api/kernel/restart_session",
        "/api/kernel/run",
        "/api/kernel/save",
        "/api/kernel/save_app_config",
        "/api/kernel/save_user_config",
        "/api/kernel/set_cell_config",
        "/api/kernel/set_model_value",
        "/api/kernel/set_ui_element_value",
        "/api/kernel/shutdown",
        "/api/kernel/status",
        "/api/kernel/stdin",
        "/api/kernel/takeover",
        "/api/document/transaction",
        "/api/documentation/snippets",
        "/api/datasources/discover",
        "/api/datasources/preview_column",
        "/api/export/availability",
        "/api/export/html",
        "/api/export/ipynb",
        "/api/export/markdown",
        "/api/export/script",
        "/api/export/update_cell_outputs",
        "/api/lsp/health",
        "/api/packages/sandbox",
        "/api/status/connections",
        "/api/usage",
        "/api/version",
        "/health",
        "/public-files-sw.js",
        "/sse",
        "/ws",
    }
)
OUTPUTS = "/@file/"  # files that a lesson shows: widgets, pictures, pages in a frame
# marimo's own scripts and styles, the same for everybody: answered without the secret path too, so
# that the browser keeps them from one start to the next.
ASSETS = "/assets/"
LESSON_FILES = (ASSETS, OUTPUTS, "/public/")
ICONS = frozenset(
    {
        "/favicon.ico",
        "/manifest.json",
        "/logo.png",
        "/apple-touch-icon.png",
        "/android-chrome-192x192.png",
        "/android-chrome-512x512.png",
    }
)
# Only with `torchcamp start --tools`: a shell, files of the whole machine, packages, other services.
TOOLS = frozenset(
    {
        "/terminal/ws",
        "/ws_sync",
        "/api/ai/chat",
        "/api/ai/completion",
        "/api/ai/inline_completion",
        "/api/ai/invoke_tool",
        "/api/ai/mcp/refresh",
        "/api/ai/mcp/status",
        "/api/cache/clear",
        "/api/cache/info",
        "/api/datasources/preview_datasource_connection",
        "/api/datasources/preview_sql_schema_list",
        "/api/datasources/preview_sql_table",
        "/api/datasources/preview_sql_table_list",
        "/api/environment",
        "/api/export/auto_export/html",
        "/api/export/auto_export/ipynb",
        "/api/export/auto_export/markdown",
        "/api/export/pdf",
        "/api/export/requirements/install",
        "/api/files/copy",
        "/api/files/create",
        "/api/files/delete",
        "/api/files/download",
        "/api/files/file_details",
        "/api/files/list_files",
        "/api/files/move",
        "/api/files/open",
        "/api/files/roots",
        "/api/files/search",
        "/api/files/update",
        "/api/home/recent_files",
        "/api/home/running_notebooks",
        "/api/home/shutdown_session",
        "/api/home/tutorial/open",
        "/api/home/workspace_files",
        "/api/kernel/copy",
        "/api/kernel/install_missing_packages",
        "/api/kernel/pdb/breakpoints",
        "/api/kernel/pdb/pm",
        "/api/kernel/rename",
        "/api/kernel/scratchpad/run",
        "/api/lsp/restart",
        "/api/packages/add",
        "/api/packages/list",
        "/api/packages/manifest",
        "/api/packages/remove",
        "/api/packages/sync",
        "/api/packages/tree",
        "/api/secrets/create",
        "/api/secrets/delete",
        "/api/secrets/keys",
        "/api/sql/validate",
        "/api/storage/download",
        "/api/storage/list_entries",
        "/og/thumbnail",
    }
)
TOOL_FILES = ("/lsp/",)
# Never: marimo's own login and what reports on it; entering is the guard's business.
NEVER = frozenset(
    {
        "/api/kernel/execute",
        "/api/sessions",
        "/api/status",
        "/auth/login",
        "/auth/token",
        "/healthz",
    }
)


def is_answered(path: str, *, tools: bool) -> bool:
    """Whether marimo may answer `path`, which begins with `/`.

    Args:
        path: as the router sees it: decoded, and without the secret part in front.
        tools: whether marimo's terminal, file browser and packages are wanted.
    """
    if path in LESSONS or path in ICONS or path.startswith(LESSON_FILES):
        return True
    return tools and (path in TOOLS or path.startswith(TOOL_FILES))
