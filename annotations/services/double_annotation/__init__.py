"""Double annotation: overlap, adjudication with its decisions, calibration and agreement."""
