-- One row an invoice and amount of tax: what BILL says, what lines and rate give, and of how much.
insert into inputs by name
with told as (
    select
        *,
        unnest([
            {named: 'bill_tax', what: 'tax by BILL', amount: bill_tax},
            {named: 'computed_tax', what: 'tax by lines and rate', amount: computed_tax},
            {named: 'taxable_amount', what: counted, amount: taxable_amount}
        ]) as part_of
    from tax_differences
    where
        invoice_on <= $last_on::date
        and ($first_on::date is null or invoice_on >= $first_on::date)
        and ($currency::varchar is null or currency = $currency)
        and ($customer::varchar is null or customer_id = $customer)
)

select
    part_of.what as what,
    invoice_on as happened_on,
    currency,
    customer_id,
    invoice_id,
    [part_of.named] as columns,
    part_of.amount as amount
from told
where part_of.amount <> 0
