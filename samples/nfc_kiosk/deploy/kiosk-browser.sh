#!/bin/sh
# Chromium on the kiosk's page, the whole screen, with a profile in memory: nothing is restored and nothing is offered. While the page
# lives (its script touches page-alive every few seconds) systemd's watchdog hears of it; else the unit is started anew.
set -eu

runtime="${NFC_KIOSK_RUNTIME:-/run/nfc-kiosk}"
browser="${NFC_KIOSK_BROWSER:-chromium}"
look="${NFC_KIOSK_LOOK_SECONDS:-10}"
alive="${NFC_KIOSK_ALIVE_SECONDS:-30}"

if ! fc-list :lang=ja family | grep -q .; then
    echo "no Japanese font is installed: apt install fonts-noto-cjk" >&2
    exit 1
fi
while [ ! -s "$runtime/address" ]; do sleep 0.2; done

profile=$(mktemp -d "${TMPDIR:-/tmp}/nfc-kiosk-browser.XXXXXX")
child=
end() {
    trap - EXIT INT TERM
    if [ -n "$child" ]; then kill "$child" 2>/dev/null || true; wait "$child" 2>/dev/null || true; fi
    rm -rf "$profile"
}
trap end EXIT
trap 'exit 0' INT TERM

"$browser" \
    --kiosk --incognito --user-data-dir="$profile" --disk-cache-dir=/dev/null --disk-cache-size=1 \
    --no-first-run --no-default-browser-check --noerrdialogs --disable-infobars --hide-crash-restore-bubble \
    --disable-session-crashed-bubble --disable-translate --disable-features=Translate,MediaRouter,AutofillServerCommunication \
    --disable-sync --disable-background-networking --disable-component-update --disable-breakpad --metrics-recording-only \
    --password-store=basic --autoplay-policy=no-user-gesture-required --overscroll-history-navigation=0 --disable-pinch \
    --lang=ja ${NFC_KIOSK_FLAGS:-} "$(cat "$runtime/address")" &
child=$!
systemd-notify --ready 2>/dev/null || true

while kill -0 "$child" 2>/dev/null; do
    beat=$(stat -c %Y "$runtime/page-alive" 2>/dev/null || echo 0)
    if [ $(($(date +%s) - beat)) -le "$alive" ]; then systemd-notify WATCHDOG=1 2>/dev/null || true; fi
    sleep "$look" &
    wait $! || true
done
