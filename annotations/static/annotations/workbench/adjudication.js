// @ts-check
/** Opens the workbench on an adjudication, with its decisions. */

import { DecisionsPanel } from "./decisionsPanel.js";
import { openWorkbench } from "./main.js";

openWorkbench({ DecisionsPanel });
