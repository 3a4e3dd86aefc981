// @ts-check
/** Propositions of the set that are only proposed, which stop its approval: accepted where that is refused. */

import { errorText } from "./api.js";
import { showBlockers } from "./dialogs.js";
import { createButton, createElement, isolateText, replaceContent } from "./dom.js";
import { formatCount, gettext, ngettext } from "./translation.js";

export class ProposedEntries {
  /** @param {Pick<Services, "model" | "api" | "registry" | "messages">} services */
  constructor({ model, api, registry, messages }) {
    this.model = model;
    this.api = api;
    this.registry = registry;
    this.messages = messages;
  }

  /**
   * The propositions that marks of the set link to and nobody has accepted yet, as they are stored now.
   *
   * @returns {Promise<Proposition[]>}
   */
  async find() {
    const { registry, model } = this;
    await registry.reloadPropositions();
    const linked = model.orderedSpans.map(({ proposition }) => proposition && registry.findProposition(proposition));
    const waiting = linked.filter((one) => one && one.status === "proposed");
    return [...new Set(/** @type {Proposition[]} */ (waiting))];
  }

  /**
   * Ask which of them are accepted, and then to approve.
   *
   * @param {Proposition[]} waiting
   * @param {() => void} approve
   */
  ask(waiting, approve) {
    const words = ngettext("%(n)s proposition is only proposed. Accept it here, or return the set.", "%(n)s propositions are only proposed. Accept them here, or return the set.", waiting.length);
    let open = waiting.length;
    const dialog = showBlockers({
      name: "proposed",
      title: gettext("Not approved yet"),
      about: formatCount(words, waiting.length),
      lines: () => waiting.map((one) => this.createLine(one, () => {
        open -= 1;
        again.disabled = open > 0;
        if (!open) again.focus();
      })),
    });
    const again = createButton(gettext("Approve"), () => {
      dialog.addEventListener("close", approve, { once: true });
      dialog.close();
    }, { class: "primary", "data-confirm": "proposed", disabled: true });
    const actions = dialog.querySelector(".actions");
    actions?.querySelector("button")?.classList.remove("primary");
    actions?.append(again);
    return dialog;
  }

  /**
   * @param {Proposition} one
   * @param {() => void} onAccepted
   */
  createLine(one, onAccepted) {
    const trouble = createElement("span", { class: "trouble", role: "alert" });
    const accept = createButton(gettext("Accept"), async () => {
      accept.disabled = true;
      try {
        await this.accept(one);
        accept.replaceWith(createElement("span", { class: "done", role: "status" }, gettext("accepted")));
        onAccepted();
      } catch (error) {
        accept.disabled = false;
        replaceContent(trouble, errorText(error));
      }
    }, { "data-action": "accept" });
    const topic = one.topicName ? createElement("span", { class: "hint" }, isolateText(one.topicName)) : null;
    return createElement("li", { class: "proposed", "data-proposition": one.id }, isolateText(one.text), " ", topic, " ", accept, trouble);
  }

  /** @param {Proposition} one */
  async accept(one) {
    const { data } = await this.api.send({ method: "POST", path: `propositions/${one.id}/accept/`, body: {} });
    this.registry.storeProposition(data);
  }
}
