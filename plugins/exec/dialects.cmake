# The dialects and what they share; plain text in, calls of `struct heard` out. Their tests and
# fuzzers are built of these files alone.
set(exec_dialects
    counter keep range reader transcript words
    influx munin munin_config nagios nagios_perfdata
    netdata netdata_chart netdata_host netdata_values netdata_words
    prometheus prometheus_family prometheus_sample)
