-- One row a resource: how many records of it are held.
select resource, count(*) from raw_heads group by resource order by resource
