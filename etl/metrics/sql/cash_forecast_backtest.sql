-- One row a currency and week of the $weeks before as_of: the cash that came, less what went back,
-- on the invoices that were open when the week began.
with moves as (
    select
        $as_of::date - (7 * (1 + ($as_of::date - effective_on) // 7))::integer as origin_on,
        invoice_id,
        case when event = 'payment_applied' then amount else -amount end as amount
    from ledger
    where
        event in ('payment_applied', 'payment_reversed', 'payment_moved')
        and invoice_id is not null
        and effective_on <= $as_of::date
        and effective_on > $as_of::date - (7 * $weeks)::integer
)

select moves.origin_on, item.currency, sum(moves.amount)::decimal(19, 4) as amount
from moves
inner join invoice_balances as item
    on
        item.invoice_id = moves.invoice_id
        and item.from_on <= moves.origin_on
        and item.to_on > moves.origin_on
        and item.open_amount > 0
where $currency::varchar is null or item.currency = $currency
group by moves.origin_on, item.currency
order by moves.origin_on, item.currency
