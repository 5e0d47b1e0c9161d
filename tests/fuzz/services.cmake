gnswatch_fuzz(cron gw-base)
gnswatch_fuzz(zone gw-base)
gnswatch_fuzz(template gw-base)
