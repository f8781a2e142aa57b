-- One row a currency ever seen: gross receivables at the end of as_of, those not overdue, those 91
-- days and more past due, and amount times days past due.
with amounts as (
    select currency, open_amount, date_diff('day', due_on, $as_of::date) as days
    from balances_on($as_of::date)
    union all
    select distinct currency, 0 as open_amount, 0 as days
    from ledger
    where effective_on <= $as_of::date
)

select
    currency,
    sum(open_amount),
    sum(case when days <= 0 then open_amount else 0 end),
    sum(case when days >= 91 then open_amount else 0 end),
    sum(open_amount * days)
from amounts
where $currency::varchar is null or currency = $currency
group by currency
order by currency
