-- One row a rail: settled and failed attempts by the end of a day.
select
    rail,
    count(*) as settled,
    count(*) filter (outcome = 'failed') as failed
from attempts_on($as_of::date)
where outcome in ('paid', 'failed')
group by rail
order by rail
