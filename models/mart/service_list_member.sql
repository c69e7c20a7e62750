select list_kind, list, lead_id
from {{ref "list_member"}}
