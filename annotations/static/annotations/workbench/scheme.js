// @ts-check
/** The annotation scheme as the page carries it: labels, attributes, relations. */

/** Attributes that follow from how another one is written, so that no person fills them in. */
/** @type {Record<string, string>} */
const DERIVED = { statement_date: "statement_date_precision" };

export class Scheme {
  /** @param {SchemeTables} tables */
  constructor({ labels, attributes, relations, states, transitions, actor_kinds: actorKinds, proposition_kinds: propositionKinds }) {
    this.labels = labels;
    this.relations = relations;
    this.states = states;
    // the main ones first, else in the order of the workflow
    this.transitions = [...transitions].sort((one, other) => Number(other.is_primary) - Number(one.is_primary));
    this.actorKinds = actorKinds;
    this.propositionKinds = propositionKinds;
    this.attributes = attributes;
    this.labelsByName = new Map(labels.map((label) => [label.name, label]));
    this.relationsByName = new Map(relations.map((relation) => [relation.name, relation]));
  }

  /** @param {string} name */
  findTransition(name) {
    return this.transitions.find((row) => row.name === name);
  }

  /**
   * @param {string} name
   * @returns {LabelRow}
   */
  findLabel(name) {
    return this.labelsByName.get(name) || { name, title: name, key: "", links: [], description: "" };
  }

  /**
   * The attributes of a label, in scheme order, without those that follow from others.
   *
   * @param {string} label
   */
  attributesOf(label) {
    const derived = Object.values(DERIVED);
    return this.attributes.filter((one) => label in one.uses && !derived.includes(one.name));
  }

  /**
   * The attributes that a new span of the label starts with.
   *
   * @param {string} label
   * @returns {Attributes}
   */
  defaultAttributes(label) {
    const pairs = this.attributes.map(({ name, uses }) => [name, uses[label]?.default ?? ""]);
    return Object.fromEntries(pairs.filter(([, value]) => value));
  }

  /**
   * Change one attribute; an empty value removes it. Answers new attributes.
   *
   * @param {Attributes} attributes
   * @param {string} name
   * @param {string} value
   * @returns {Attributes}
   */
  setAttribute(attributes, name, value) {
    const rest = Object.entries(attributes).filter(([key]) => key !== name && key !== DERIVED[name]);
    return Object.fromEntries(value ? [...rest, [name, value]] : rest);
  }

  /**
   * The fields of a span under another label: those that fit it, and its defaults.
   *
   * @param {FrozenSpan} span
   * @param {string} label
   */
  relabelSpan(span, label) {
    const fitting = Object.entries(span.attributes).filter(([name]) =>
      this.attributes.some((one) => one.name === name && label in one.uses),
    );
    const links = this.findLabel(label).links;
    return {
      label,
      attributes: { ...this.defaultAttributes(label), ...Object.fromEntries(fitting) },
      actor: links.includes("actor") ? span.actor : null,
      proposition: links.includes("proposition") ? span.proposition : null,
    };
  }

  /**
   * The relations that start at a label.
   *
   * @param {string} label
   */
  relationsFrom(label) {
    return this.relations.filter((relation) => relation.sources.includes(label));
  }

  /**
   * @param {string} name
   * @returns {RelationType}
   */
  findRelation(name) {
    return this.relationsByName.get(name) || { name, title: name, sources: [], targets: [] };
  }

  /**
   * The title of a state of a set.
   *
   * @param {string} value
   */
  stateTitle(value) {
    return titleOf(this.states, value);
  }

  /** @param {string | undefined} value */
  actorKindTitle(value) {
    return titleOf(this.actorKinds, value);
  }

  /** @param {string} value */
  propositionKindTitle(value) {
    return titleOf(this.propositionKinds, value);
  }

  /**
   * The title of a value of an attribute.
   *
   * @param {string} name
   * @param {string | undefined} value
   */
  valueTitle(name, value) {
    return titleOf(this.findAttribute(name).choices ?? [], value);
  }

  /**
   * The attribute of this name; for an unknown name one without choices.
   *
   * @param {string} name
   * @returns {AttributeRow}
   */
  findAttribute(name) {
    return this.attributes.find((one) => one.name === name) || { name, title: name, uses: {} };
  }
}

/**
 * @param {Choice[]} choices
 * @param {string | undefined} value
 */
function titleOf(choices, value) {
  return choices.find((one) => one.value === value)?.text ?? value;
}
