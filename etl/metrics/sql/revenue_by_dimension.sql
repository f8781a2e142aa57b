-- One row a place that documents' lines are filed at (an item, class, department, location or job)
-- and currency, with anything invoiced or collected in the period, without tax; most invoiced
-- first. What a document brought is split as its lines are now, to the cent.
with documents as (
    select
        coalesce(invoice_id, credit_memo_id) as document_id,
        currency,
        sum(revenue) as invoiced,
        sum(collected) as collected
    from ledger
    where
        (revenue <> 0 or collected <> 0)
        and effective_on <= $as_of::date
        and ($from_on::date is null or effective_on >= $from_on::date)
        and ($to_on::date is null or effective_on <= $to_on::date)
        and ($currency::varchar is null or currency = $currency)
    group by all
),

parts as (
    select
        document.currency,
        case $dimension
            when 'item' then line.item_id
            when 'class' then line.class_id
            when 'department' then line.department_id
            when 'location' then line.location_id
            else line.job_id
        end as dimension_id,
        case
            when coalesce(line.is_last, true)
                then document.invoiced
                - coalesce(share_of(document.invoiced, amount_before, document_amount, exponent), 0)
            else
                share_of(document.invoiced, amount_before + amount, document_amount, exponent)
                - share_of(document.invoiced, amount_before, document_amount, exponent)
        end as invoiced,
        case
            when coalesce(line.is_last, true)
                then document.collected
                - coalesce(share_of(document.collected, amount_before, document_amount, exponent), 0)
            else
                share_of(document.collected, amount_before + amount, document_amount, exponent)
                - share_of(document.collected, amount_before, document_amount, exponent)
        end as collected
    from documents as document
    left join document_lines as line using (document_id)
)

select
    coalesce(parts.dimension_id, '') as dimension_id,
    coalesce(max(dimension.name), parts.dimension_id, 'not assigned') as name,
    parts.currency,
    sum(parts.invoiced) as invoiced,
    sum(parts.collected) as collected
from parts
left join dimensions as dimension
    on dimension.kind = $dimension and dimension.dimension_id = parts.dimension_id
group by parts.dimension_id, parts.currency
order by invoiced desc, name, parts.dimension_id
