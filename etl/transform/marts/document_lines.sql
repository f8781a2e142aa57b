-- One row a document and place it is filed at: the amount of its lines there without tax, of those
-- at other places before it, and of all of them. What a document holds beyond its lines is filed
-- nowhere.
create table snapshot.document_lines as
with places as (
    select
        tenant,
        document_id,
        item_id,
        class_id,
        department_id,
        location_id,
        job_id,
        any_value(exponent) as exponent,
        sum(amount) as amount
    from stg_lines
    group by all
)

select
    tenant,
    document_id,
    item_id,
    class_id,
    department_id,
    location_id,
    job_id,
    exponent,
    amount::decimal(19, 4) as amount,
    (sum(amount) over so_far - amount)::decimal(19, 4) as amount_before,
    (sum(amount) over (partition by document_id))::decimal(19, 4) as document_amount,
    row_number() over so_far = count(*) over (partition by document_id) as is_last
from places
window so_far as (
    partition by document_id
    order by item_id, class_id, department_id, location_id, job_id
    rows between unbounded preceding and current row
)
