-- One row a part of a payment applied in a period and not taken back since, with the days it took
-- from the invoice's date or due date.
insert into inputs by name
select
    'payment applied' as what,
    part.paid_on as happened_on,
    part.currency,
    part.customer_id,
    part.invoice_id,
    part.payment_id,
    $columns::varchar[] as columns,
    part.amount,
    date_diff(
        'day',
        case when $basis = 'invoice' then invoice.invoice_on else invoice.due_on end,
        part.paid_on
    ) as days
from settlements as part
inner join invoices as invoice using (invoice_id)
where
    part.payment_id is not null
    and part.paid_on between $first_on::date and $as_of::date
    and part.reversed_on > $as_of::date
    and ($currency::varchar is null or part.currency = $currency)
