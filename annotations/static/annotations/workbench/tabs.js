/** The panels beside the text, by the tab pattern of ARIA. */

export class Tabs extends EventTarget {
  constructor(root) {
    super();
    this.root = root;
    this.tabs = [...root.querySelectorAll('[role="tab"]')];
    for (const tab of this.tabs) tab.addEventListener("click", () => this.show(tab.dataset.tab));
    root.addEventListener("keydown", (event) => this.onKey(event));
  }

  show(name) {
    for (const tab of this.tabs) {
      const isShown = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", String(isShown));
      tab.tabIndex = isShown ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !isShown;
    }
    this.dispatchEvent(new CustomEvent("show", { detail: name }));
  }

  /** Show a tab only while it has something to say. */
  offer(name, isOffered) {
    const tab = this.tabs.find((one) => one.dataset.tab === name);
    tab.hidden = !isOffered;
    if (!isOffered && tab.getAttribute("aria-selected") === "true") this.show(this.tabs[0].dataset.tab);
  }

  /** The number beside the name of a tab, with words for those who hear it. */
  count(name, number, words) {
    const tab = this.tabs.find((one) => one.dataset.tab === name);
    const badge = tab.querySelector(".badge");
    badge.textContent = number ? String(number) : "";
    badge.hidden = !number;
    tab.setAttribute("aria-label", `${tab.dataset.title}: ${words}`);
  }

  onKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const tabs = this.tabs.filter((tab) => !tab.hidden);
    const at = tabs.indexOf(document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = tabs[(at + step + tabs.length) % tabs.length];
    this.show(next.dataset.tab);
    next.focus();
  }
}
