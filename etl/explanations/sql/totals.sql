-- One row a cell, month and column: how many inputs, their amounts, the amounts times days, and the
-- same with days before the day counted as none.
with parts as (
    select cell, month, unnest(columns) as "column", amount, days from entered
)

select
    cell,
    month,
    "column",
    count(*),
    coalesce(sum(amount), 0)::decimal(38, 4),
    coalesce(sum(amount * days), 0)::decimal(38, 4),
    coalesce(sum(amount * greatest(days, 0)), 0)::decimal(38, 4)
from parts
group by cell, month, "column"
order by cell, month, "column"
