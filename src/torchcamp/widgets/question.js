// Options as radio buttons; committing locks them.

import { groupName, pressable } from "./shared/controls.js";
import { element } from "./shared/dom.js";
import { sentences } from "./shared/texts.js";

function render({ model, el }) {
  const root = element("fieldset", "question");
  const say = sentences(model);
  const name = groupName();
  el.append(root);
  let picked = -1;
  const draw = () => {
    const chosen = model.get("chosen");
    const right = model.get("right");
    const isRevealed = chosen >= 0 && right >= 0;
    const caption = right >= 0 ? "That is my answer" : "That is my guess";
    const button = pressable(caption, () => model.send({ kind: "commit", chosen: picked }));
    button.disabled = picked < 0;
    const options = model.get("options").map((text, number) => {
      const label = element("label");
      const input = element("input");
      input.type = "radio";
      input.name = name;
      input.checked = number === (chosen >= 0 ? chosen : picked);
      input.disabled = chosen >= 0;
      input.addEventListener("change", () => {
        picked = number;
        button.disabled = false;
      });
      label.append(input, text);
      if (isRevealed && number === right) label.classList.add("right");
      if (isRevealed && number === chosen && number !== right) label.classList.add("wrong");
      if (number === model.get("earlier")) {
        label.append(element("small", "", "your guess before the lesson"));
      }
      return label;
    });
    const told = isRevealed ? model.get("explanation") : say("noted");
    root.replaceChildren(
      element("legend", "", model.get("prompt")),
      ...options,
      chosen >= 0 ? element("p", "", told) : button,
    );
    root.dataset.chosen = String(chosen);
  };
  draw();
  model.on("change:chosen", draw);
  return () => model.off("change:chosen", draw);
}

export default { render };
