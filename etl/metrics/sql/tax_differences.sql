-- One row an invoice up to the day whose sales tax is not what its lines and rate give; largest first.
select
    difference.invoice_id,
    difference.invoice_number,
    difference.customer_id,
    coalesce(customer.name, difference.customer_id, '') as customer,
    difference.currency,
    difference.invoice_on,
    difference.tax_rate::decimal(18, 6) as tax_rate,
    difference.taxable_amount,
    difference.computed_tax,
    difference.bill_tax,
    difference.difference,
    difference.counted
from tax_differences as difference
left join customers as customer using (customer_id)
where
    difference.invoice_on <= $as_of::date
    and ($from_on::date is null or difference.invoice_on >= $from_on::date)
    and ($currency::varchar is null or difference.currency = $currency)
    and ($customer::varchar is null or difference.customer_id = $customer)
order by abs(difference.difference) desc, difference.invoice_id
