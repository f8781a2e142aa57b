-- One row a place that documents' lines are filed at (an item, class, department, location or job)
-- and currency, with anything invoiced or collected in the period, without tax; most invoiced first.
with parts as (
    select
        currency,
        case $dimension
            when 'item' then item_id
            when 'class' then class_id
            when 'department' then department_id
            when 'location' then location_id
            else job_id
        end as dimension_id,
        sum(revenue) as invoiced,
        sum(collected) as collected
    from revenue_places
    where
        effective_on <= $as_of::date
        and ($from_on::date is null or effective_on >= $from_on::date)
        and ($to_on::date is null or effective_on <= $to_on::date)
        and ($currency::varchar is null or currency = $currency)
    group by all
)

select
    coalesce(parts.dimension_id, '') as dimension_id,
    coalesce(dimension.name, parts.dimension_id, 'not assigned') as name,
    parts.currency,
    parts.invoiced,
    parts.collected
from parts
left join dimensions as dimension
    on dimension.kind = $dimension and dimension.dimension_id = parts.dimension_id
order by parts.invoiced desc, name, parts.dimension_id, parts.currency
