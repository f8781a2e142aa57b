-- One row an invoice whose sales tax by BILL is not what its taxable lines and rate give. Where BILL
-- does not say which lines are taxed, only a tax above that of all lines is a difference.
create table snapshot.tax_differences as
with lines as (
    select
        document_id as invoice_id,
        any_value(exponent) as exponent,
        bool_or(is_taxable is not null) as is_told,
        coalesce(sum(amount) filter (is_taxable), 0) as taxable_amount,
        sum(amount) as amount
    from stg_lines
    group by document_id
),

computed as (
    select
        invoice.*,
        lines.is_told,
        case when lines.is_told then lines.taxable_amount else lines.amount end as taxable_amount,
        share_of(
            case when lines.is_told then lines.taxable_amount else lines.amount end,
            invoice.tax_rate,
            100,
            lines.exponent
        ) as computed_tax
    from stg_invoices as invoice
    inner join lines using (invoice_id)
    where invoice.tax_rate is not null
)

select
    tenant,
    invoice_id,
    invoice_number,
    customer_id,
    currency,
    invoice_on,
    tax_rate,
    taxable_amount::decimal(19, 4) as taxable_amount,
    computed_tax,
    tax_amount as bill_tax,
    (tax_amount - computed_tax)::decimal(19, 4) as difference,
    case when is_told then 'taxable lines' else 'all lines at most' end as counted
from computed
where
    not is_archived
    and case when is_told then tax_amount <> computed_tax else tax_amount > computed_tax end
order by invoice_on, invoice_id
