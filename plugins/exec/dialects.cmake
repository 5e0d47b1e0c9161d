# The dialects and what they share; plain text in, calls of `struct heard` out. Their tests and
# fuzzers are built of these files alone.
set(exec_dialects
    counter keep range reader transcript words
    collectd collectd_putval collectd_types collectd_words types_db
    influx munin munin_config nagios nagios_perfdata
    netdata netdata_chart netdata_host netdata_values netdata_words
    prometheus prometheus_family prometheus_sample)
