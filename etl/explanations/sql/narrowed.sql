-- left_out: one row an exclusion of the rows asked for, with its document and its customer by name.
create temp table left_out as
select distinct
    exclusion.* exclude (document),
    coalesce(
        exclusion.document,
        invoice.invoice_number,
        exclusion.payment_id,
        exclusion.credit_memo_id,
        ''
    ) as document,
    coalesce(customer.name, exclusion.customer_id, '') as customer
from exclusions as exclusion
left join invoices as invoice on invoice.invoice_id = exclusion.invoice_id
left join customers as customer on customer.customer_id = exclusion.customer_id
where
    (
        $months::varchar[] is null
        or exclusion.month is null
        or exclusion.month in (select unnest($months::varchar[]))
    )
    and (
        $parts::varchar[] is null
        or exclusion.part is null
        or exclusion.part in (select unnest($parts::varchar[]))
    )
    and (
        $currencies::varchar[] is null
        or exclusion.currency in (select unnest($currencies::varchar[]))
    )
    and (
        $customers::varchar[] is null
        or exclusion.customer_id in (select unnest($customers::varchar[]))
    )
    and (
        $invoices::varchar[] is null
        or exclusion.invoice_id in (select unnest($invoices::varchar[]))
    )
    and (
        $payments::varchar[] is null
        or exclusion.payment_id in (select unnest($payments::varchar[]))
    )
