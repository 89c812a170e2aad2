#!/usr/bin/env python3
"""检查 dict/ 与 taxonomy/ 的数据文件。只用标准库（Python ≥ 3.11）；装有 jieba 时另核对 user.txt。
用法：python3 validate.py；有错误时退出码为 1。"""
import pathlib, re, sys, tomllib, unicodedata
R = pathlib.Path(__file__).resolve().parent
errs, warns = [], []
fold = lambda s: unicodedata.normalize("NFKC", s).casefold()
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
def ishan(s): return bool(s) and all(HAN.fullmatch(c) for c in s)

def read(p):
    b = (R / p).read_bytes()
    if b.startswith(b"\xef\xbb\xbf"): errs.append(f"{p}: BOM")
    if b"\r" in b: errs.append(f"{p}: CR")
    if not b.endswith(b"\n"): errs.append(f"{p}: 末行无换行")
    t = b.decode("utf-8")
    if not t.startswith("#"): errs.append(f"{p}: 缺文件头注释")
    head = [l for l in t.split("\n") if l.startswith("#")]
    for w in ("格式", "来源", "许可"):
        if not any(w in l for l in head): errs.append(f"{p}: 文件头缺「{w}」")
    return t

def lines(p):
    out, body = [], False
    for n, l in enumerate(read(p).split("\n")[:-1], 1):
        if l.startswith("#"):
            if body: errs.append(f"{p}:{n}: 正文中的注释行")
            continue
        body = True
        if l != l.strip() or not l: errs.append(f"{p}:{n}: 空行或首尾空白")
        if any(unicodedata.category(c) in ("Cc", "Cf", "Co") and c != "\t" for c in l): errs.append(f"{p}:{n}: 控制字符")
        out.append(l)
    return out

def dup(p, xs):
    seen = {}
    for x in xs:
        k = fold(x)
        if k in seen: errs.append(f"{p}: 重复 {x!r} / {seen[k]!r}")
        seen[k] = x

stop = lines("dict/stop.txt"); dup("stop", stop)
bp = lines("dict/boilerplate.txt")
if len(set(bp)) != len(bp): errs.append("boilerplate: 重复")
if [len(x) for x in bp] != sorted((len(x) for x in bp), reverse=True): errs.append("boilerplate: 未按长度降序")

owner = {}; groups = [l.split("\t") for l in lines("dict/synonyms.tsv")]
for g in groups:
    if len(g) < 2: errs.append(f"synonyms: 少于两项 {g}")
    for t in g:
        k = fold(t)
        if k in owner: errs.append(f"synonyms: {t!r} 同在「{owner[k]}」与「{g[0]}」组")
        owner[k] = g[0]
        if t != t.strip() or "  " in t: errs.append(f"synonyms: 空白 {t!r}")
        if not HAN.search(t) and not re.search(r"[A-Za-z]", t): errs.append(f"synonyms: {t!r} 既无汉字又无拉丁字母")
        if ishan(t) and len(t) < 2: errs.append(f"synonyms: 单字 {t!r}")

user = []
for l in lines("dict/user.txt"):
    m = re.fullmatch(r"(\S+) (\d+)", l)
    if not m or not ishan(m[1]) or not 3 <= len(m[1]) <= 8 or m[2] != "100": errs.append(f"user: {l!r}"); continue
    user.append(m[1])
dup("user", user)

bilingual = [l.split("\t") for l in lines("dict/bilingual.tsv")]; dup("bilingual", [b[0] for b in bilingual])
for zh, *en in bilingual:
    if not ishan(zh) or len(zh) < 2 or not en: errs.append(f"bilingual: {zh!r} 须为两个以上汉字，后随英文词")
    dup("bilingual " + zh, en)
    for e in en:
        if not re.fullmatch(r"[a-z0-9]+(?:[ '-][a-z0-9]+)*", e): errs.append(f"bilingual: {zh} 的 {e!r} 须小写，词间一个空格或连字符")
        words = [w for w in re.split(r"[ '-]", e) if w not in stop and len(w) > 1]
        if not words: errs.append(f"bilingual: {zh} 的 {e!r} 只有虚词")

t2s = {}
for l in lines("dict/t2s.txt"):
    a, _, b = l.partition("\t")
    if len(a) != 1 or len(b) != 1 or not ishan(a + b) or a == b: errs.append(f"t2s: {l!r}")
    if a in t2s: errs.append(f"t2s: 重复 {a}")
    t2s[a] = b
for a, b in t2s.items():
    if b in t2s: warns.append(f"t2s: 链 {a}→{b}→{t2s[b]}（只作单遍映射）")

read("taxonomy/clusters.toml"); read("taxonomy/disciplines.toml")
C = tomllib.loads((R / "taxonomy/clusters.toml").read_text("utf-8"))["cluster"]
D = tomllib.loads((R / "taxonomy/disciplines.toml").read_text("utf-8"))["discipline"]
codes = [c["code"] for c in C]
want = [f"{x}{i}" for x, n in (("A", 3), ("B", 3), ("C", 6)) for i in range(1, n + 1)] + [f"D{i:02}" for i in range(1, 19)]
if codes != want: errs.append(f"clusters: 代码不符 {set(codes) ^ set(want)}")
dup("clusters.name", [c["name"] for c in C])
for c in C:
    if set(c) != {"code", "name", "tier", "terms"}: errs.append(f"clusters {c['code']}: 键")
    if not 15 <= len(c["terms"]) <= 30: errs.append(f"clusters {c['code']}: {len(c['terms'])} 词")
    dup("clusters " + c["code"], c["terms"])
GB = "110 120 130 140 150 160 170 180 190 210 220 230 240 310 320 330 340 350 360 410 413 416 420 430 440 450 460 470 480 490 510 520 530 535 540 550 560 570 580 590 610 620 630 710 720 730 740 750 760 770 780 790 810 820 830 840 850 860 870 880 890 910".split()
if [d["code"] for d in D] != GB or len(GB) != 62: errs.append("disciplines: 代码不符")
dup("disciplines.name", [d["name"] for d in D])
for d in D:
    if set(d) != {"code", "name", "terms", "clusters"}: errs.append(f"disciplines {d['code']}: 键")
    n = len(d["terms"])
    if n > 15 or (int(d["code"]) < 700 and n < 8): errs.append(f"disciplines {d['code']}: {n} 词")
    dup("disciplines " + d["code"], d["terms"])
    for k in d["clusters"]:
        if k not in codes: errs.append(f"disciplines {d['code']}: 无此集群 {k}")
miss = set(codes) - {k for d in D for k in d["clusters"]}
if miss: errs.append(f"集群无对应学科: {miss}")

# 互相影响：停用词、套话不得吃掉技术词
terms = {t for g in groups for t in g} | set(user) | {t for x in C + D for t in x["terms"]}
st = {fold(s) for s in stop}
for t in terms:
    if fold(t) in st: errs.append(f"停用词与技术词相同: {t}")
    for b in bp:
        if (HAN.search(b) and b in t): errs.append(f"套话 {b!r} 含于技术词 {t!r}")
        elif b in terms: errs.append(f"套话即技术词 {b!r}")
for src, xs in (("stop", stop), ("boilerplate", bp), ("terms", terms), ("bilingual", [b[0] for b in bilingual])):
    for x in xs:
        h = [c for c in x if c in t2s]
        if h: errs.append(f"{src}: {x!r} 含 t2s 左侧字 {h}")
try:
    import jieba, logging
    jieba.setLogLevel(logging.ERROR); jieba.initialize()
    f = dict(jieba.dt.FREQ)
    for w in user:
        if f.get(w): errs.append(f"user: jieba 已有 {w}")
    for w in user: jieba.add_word(w, 100)
    for w in user:
        if jieba.lcut(w, HMM=False) != [w]: errs.append(f"user: 词频 100 仍被切开 {w}")
    jb = "已核对"
except ImportError: jb = "未装 jieba，略过"
print(f"stop {len(stop)} boilerplate {len(bp)} synonyms {len(groups)} 组/{len(owner)} 词 user {len(user)} bilingual {len(bilingual)} 中/{sum(len(b) - 1 for b in bilingual)} 对 t2s {len(t2s)} clusters {len(C)}/{sum(len(c['terms']) for c in C)} 词 disciplines {len(D)}/{sum(len(d['terms']) for d in D)} 词；jieba {jb}")
for w in warns: print("警告", w)
for e in errs: print("错误", e)
sys.exit(bool(errs))
