/* A long list of villages becomes two short ones: first the town, then its villages. */
document.querySelectorAll("select[data-region]").forEach((villages) => {
  const groups = Array.from(villages.querySelectorAll("optgroup"));
  if (groups.length < 2) return;
  const towns = document.createElement("select"), first = villages.options[0];
  towns.className = villages.className;
  towns.setAttribute("aria-label", villages.dataset.region);
  towns.add(new Option(villages.dataset.region, ""));
  groups.forEach((group, index) => towns.add(new Option(group.label, index)));
  const chosen = villages.selectedOptions[0] && villages.selectedOptions[0].parentNode;
  const show = (group) => {
    groups.forEach((other) => other.remove());
    villages.hidden = !group;
    if (group) villages.append(group);
  };
  towns.addEventListener("change", () => { first.selected = true; show(groups[towns.value]); villages.dispatchEvent(new Event("input", { bubbles: true })); });
  const index = groups.indexOf(chosen);
  if (index >= 0) towns.value = String(index);
  const value = villages.value;
  show(groups[index]);
  villages.value = value;
  villages.before(towns);
});
