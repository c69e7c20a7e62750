select list, source, version, dated, entries, change
from {{source "seed" "domain_list"}}
order by list, change, source
