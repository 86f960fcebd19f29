// Options as radio buttons; committing locks them.

function render({ model, el }) {
  const root = document.createElement("fieldset");
  root.className = "question";
  el.append(root);
  let picked = -1;
  const draw = () => {
    const chosen = model.get("chosen"), right = model.get("right"), earlier = model.get("earlier");
    const revealed = chosen >= 0 && right >= 0;
    root.replaceChildren();
    const legend = document.createElement("legend");
    legend.textContent = model.get("prompt");
    root.append(legend);
    model.get("options").forEach((text, number) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.type = "radio";
      input.name = "question";
      input.checked = number === (chosen >= 0 ? chosen : picked);
      input.disabled = chosen >= 0;
      input.addEventListener("change", () => {
        picked = number;
        button.disabled = false;
      });
      label.append(input, text);
      if (revealed && number === right) label.classList.add("right");
      if (revealed && number === chosen && number !== right) label.classList.add("wrong");
      if (number === earlier) {
        const mark = document.createElement("small");
        mark.textContent = "your guess before the lesson";
        label.append(mark);
      }
      root.append(label);
    });
    const button = document.createElement("button");
    button.textContent = right >= 0 ? "That is my answer" : "That is my guess";
    button.disabled = picked < 0;
    button.addEventListener("click", () => model.send({ kind: "commit", chosen: picked }));
    const words = document.createElement("p");
    if (chosen >= 0) {
      words.textContent = revealed ? model.get("explanation") : "Noted. The lesson ends with the same question.";
      root.append(words);
    } else {
      root.append(button);
    }
    root.dataset.chosen = String(chosen);
  };
  draw();
  model.on("change:chosen", draw);
  return () => model.off("change:chosen", draw);
}

export default { render };
