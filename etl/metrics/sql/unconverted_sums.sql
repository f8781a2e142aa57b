-- One row a kind of amount and currency without a rate: how many documents, and their amounts in
-- their own currency, of balances the last; and one row for all, with neither.
with missing as (
    from unconverted(
        $reporting::varchar,
        $kinds::varchar[],
        $days::date[],
        $from_on::date,
        $to_on::date,
        $as_of::date
    )
    where $currency::varchar is null or currency = $currency
),

documents as (
    select
        kind,
        currency,
        document_id,
        case
            when kind in ('open_item', 'unapplied') then max_by(amount, needed_on)
            else sum(amount)
        end as amount
    from missing
    group by kind, currency, document_id
)

select
    kind,
    currency,
    count(distinct document_id),
    case when kind is not null then sum(amount) end
from documents
group by grouping sets ((kind, currency), ())
order by kind nulls last, currency
