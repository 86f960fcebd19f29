// The sentences of a figure, which stand in its Python class: say("progress", { steps: 3 }) puts
// the number where "progress" has {steps}.

export function sentences(model) {
  const texts = model.get("texts");
  return (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
