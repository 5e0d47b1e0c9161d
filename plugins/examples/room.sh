#!/bin/sh
# Says how warm it is, every five seconds.
while :; do
    read -r millidegrees </sys/class/thermal/thermal_zone0/temp 2>/dev/null || millidegrees=21500
    printf '{"series":"room.climate","labels":{"room":"%s"},"values":{"temperature":{"value":%s,"unit":"Cel","warning":"35","critical":"40"}}}\n' \
        "${ROOM:-here}" "$((millidegrees / 1000)).$((millidegrees % 1000 / 100))"
    sleep 5
done
