# The dialects and what they share; plain text in, calls of `struct heard` out. Their tests and
# fuzzers are built of these files alone.
set(exec_dialects
    range reader transcript words
    nagios nagios_perfdata)
