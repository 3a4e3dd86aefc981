// @ts-check
/** Opens the workbench on a set of one annotator. */

import { openWorkbench } from "./main.js";

openWorkbench();
