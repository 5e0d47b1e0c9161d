gnswatch_unit_test(metric gw-metric)
gnswatch_unit_test(metric_threads gw-metric)
