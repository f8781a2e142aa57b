-- One row a resource: the newest read of all its records that came to its end. sums: what the
-- listed records say themselves, a field and currency each.
create table snapshot.enumerations as
with newest as (
    select * from enumerations
    qualify row_number() over (partition by resource order by finished_at desc) = 1
)

select
    newest.resource,
    newest.run_id,
    newest.finished_at,
    newest.listed,
    newest.held,
    newest.not_listed,
    newest.missing,
    [
        {
            'field': said.field,
            'currency': coalesce(said.currency, tenant_facts.currency),
            'amount': said.amount
        } for said in newest.sums
    ] as sums
from newest
cross join tenant_facts
order by newest.resource
