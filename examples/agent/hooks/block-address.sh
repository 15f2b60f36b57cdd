#!/bin/sh
# Hook of `address.block`: puts an address into a set of nftables for as long as the command says. Needs jq, and once:
#   nft add table inet silowatch
#   nft add set inet silowatch blocked '{ type ipv4_addr; flags interval, timeout; }'
#   nft add chain inet silowatch input '{ type filter hook input priority -10; }'
#   nft add rule inet silowatch input ip saddr @blocked drop
# Whatever writes the silo's audit records must say so: {"action":"firewall.block","outcome":"success","target":{"type":"address","id":"…"}, …}
set -eu
request=$(cat)
address=$(printf '%s' "$request" | jq -er '.target.address | select(test("^[0-9]{1,3}([.][0-9]{1,3}){3}(/[0-9]{1,2})?$"))')
seconds=$(printf '%s' "$request" | jq -er '((.durationMs // 3600000) / 1000) | floor')
nft add element inet silowatch blocked "{ $address timeout ${seconds}s }"
echo "blocked $address for $seconds s"
