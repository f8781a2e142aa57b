-- One row a resource: how many records BILL listed when all of them were read last, and how many
-- were held then.
select
    replace(resource, '_', ' ') || ' listed' as what,
    '' as currency,
    listed::decimal(38, 4) as bills,
    held::decimal(38, 4) as ours
from enumerations
qualify row_number() over (partition by resource order by finished_at desc) = 1
order by what
