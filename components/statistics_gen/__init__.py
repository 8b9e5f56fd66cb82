"""StatisticsGen: TFX's own, which makes sure that its statistics are of all frames."""
