import time
import pytest
from sqlalchemy import text
from tests.support.in_process import InProcess
from tests.support.steward_world import a_steward_world_on_database
from services.linking.ports import ReviewState
@pytest.mark.postgres
def test_scale(outside):
    """x."""
    with InProcess.running(outside) as r:
        w=a_steward_world_on_database(r)
        with r.outside.engine.begin() as c:
            cols=[x[0] for x in c.execute(text("select column_name from information_schema.columns where table_name='person' and column_name not in ('person_id')"))]
            c.execute(text(f"insert into person (person_id,{','.join(cols)}) select md5(i::text),{','.join(cols)} from person, generate_series(1,20000) i where person_id=(select min(person_id) from person)"))
            c.execute(text("insert into link_review (review_id,one,other,bits,weights,state,opened_at,answered_at,answered_by) select 'r'||i, least(md5(i::text), md5((i+10000)::text)), greatest(md5(i::text), md5((i+10000)::text)), 20,'w','joined',now(),now(),'job:linking' from generate_series(1,10000) i"))
        for _ in range(2):
            t=time.time(); n=len(w.services.reviews(w.steward,[ReviewState.JOINED])); print("list", n, round(time.time()-t,2))
        t=time.time(); w.services.review(w.steward,w.alike); print("pair", round(time.time()-t,3))
