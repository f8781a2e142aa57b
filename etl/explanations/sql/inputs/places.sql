-- One row a day and place that lines are filed at, of what was invoiced or collected there.
insert into inputs by name
with measured as (
    select
        *,
        case $dimension
            when 'item' then item_id
            when 'class' then class_id
            when 'department' then department_id
            when 'location' then location_id
            else job_id
        end as dimension_id,
        unnest([
            {measure: 'invoiced', amount: revenue},
            {measure: 'collected', amount: collected}
        ]) as part_of
    from revenue_places
    where
        effective_on <= $last_on::date
        and ($first_on::date is null or effective_on >= $first_on::date)
        and ($currency::varchar is null or currency = $currency)
)

select
    'lines of a day' as what,
    effective_on as happened_on,
    currency,
    strftime(effective_on, '%Y-%m') as month,
    coalesce(dimension_id, '') as part,
    [part_of.measure] as columns,
    sum(part_of.amount)::decimal(19, 4) as amount
from measured
group by all
having sum(part_of.amount) <> 0
