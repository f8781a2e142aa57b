-- One row a currency ever seen: gross receivables before and at the end of a period, what of them
-- is not overdue, and the credit sales of the period with tax, less voids and credit memos.
with amounts as (
    select currency, open_amount as opening, 0 as closing, 0 as not_due, 0 as sales
    from balances_on($from_on::date - 1)
    union all
    select
        currency,
        0 as opening,
        open_amount as closing,
        case when due_on >= $as_of::date then open_amount else 0 end as not_due,
        0 as sales
    from balances_on($as_of::date)
    union all
    select
        currency,
        0 as opening,
        0 as closing,
        0 as not_due,
        case when effective_on >= $from_on::date then revenue + tax else 0 end as sales
    from ledger
    where effective_on <= $as_of::date
)

select currency, sum(opening), sum(closing), sum(not_due), sum(sales)
from amounts
where $currency::varchar is null or currency = $currency
group by currency
order by currency
