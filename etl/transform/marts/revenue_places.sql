-- One row a day, currency and place that lines are filed at: revenue and collected cash without tax,
-- each event split as its document's lines are now, to the cent.
create table snapshot.revenue_places as
select
    entry.effective_on,
    entry.currency,
    line.item_id,
    line.class_id,
    line.department_id,
    line.location_id,
    line.job_id,
    sum(part_of(entry.revenue, amount_before, line.amount, document_amount, is_last, exponent))
        ::decimal(38, 4) as revenue,
    sum(part_of(entry.collected, amount_before, line.amount, document_amount, is_last, exponent))
        ::decimal(38, 4) as collected
from ledger as entry
left join snapshot.document_lines as line
    on line.document_id = coalesce(entry.invoice_id, entry.credit_memo_id)
where entry.revenue <> 0 or entry.collected <> 0
group by all
order by entry.effective_on
