import lzma,math,csv,io
from functools import cache
from collections import Counter
@cache
def _t():
    c=Counter()
    from comity.screening.names import read_name
    for f in ("arabic_80","russian_80","chinese_80"):
        for l in lzma.open(f"/work/main/bench/data/translit/wd_{f}.tsv.xz","rt"):
            a=l.rstrip("\n").split("\t")
            for t in read_name(a[0]).tokens: c[t.text]+=int(a[2])
    return c,sum(c.values())/2.5
def rarity(t):
    c,n=_t()
    return math.log(n/max(1,c.get(t,0)))+1
def acronym(name):
    return "".join(t.text[:1] for t in name.tokens if t.sort.value not in ("particle","legal"))
