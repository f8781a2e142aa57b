-- One row an invoice open at the end of a day that is not overdue then.
insert into exclusions by name
select
    'not yet due' as reason,
    due_on as happened_on,
    currency,
    customer_id,
    invoice_id,
    $part::varchar as part,
    open_amount as amount
from invoice_balances
where
    from_on <= $on_day::date
    and to_on > $on_day::date
    and open_amount > 0
    and due_on >= $on_day::date
    and ($currency::varchar is null or currency = $currency)
