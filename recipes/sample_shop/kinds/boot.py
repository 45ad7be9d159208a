"""Boots: a Chelsea boot, a work boot, a rain boot, a hiking boot; see ``last`` for coordinates."""

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import Part
from sample_shop.model.last import Knots, assembled, placed


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a pair of boots from the pieces that ``form`` lists."""
    return placed(assembled(form, colours)[1], pair=True)


SHAFT = (
    (-140, 0, -128, 0, 165, 10, 45, 8, 0, -55),
    (-127, 25, -122, 17, 164, 10, 45, 7, 0, -55),
    (-98, 34.5, -108, 30, 163, 9, 42, 6, -2, -56),
    (-55, 36, -90, 38.5, 161, 8, 40, 5, -6, -60),
    (-8, 37, -71, 42, 160, 7, 38, 4, -8, -68),
    (35, 43, -50, 42, 160, 6, 36, 2, -6, -80),
    (72, 47.5, -31, 37, 161, 5, 36, 0, -2, -96),
    (105, 42, -16, 27, 163, 5, 38, -4, 0, -108),
    (132, 25, -7, 14, 165, 4, 40, -6, 0, -116),
    (144, 0, -4, 0, 166, 4, 42, -8, 0, -120),
)
TALL = (
    (-140, 0, -136, 0, 312, 8, 90, 24, 0, -170),
    (-127, 25, -130, 18, 312, 8, 88, 24, 0, -170),
    (-98, 34.5, -115, 34, 311, 8, 80, 20, -6, -170),
    (-55, 36, -95, 46, 310, 8, 70, 12, -16, -170),
    (-8, 38, -72, 52, 309, 7, 60, 4, -20, -180),
    (35, 45, -48, 52, 309, 6, 50, -2, -18, -200),
    (72, 49.5, -26, 46, 310, 5, 44, -8, -8, -225),
    (105, 44, -8, 34, 311, 5, 42, -16, 0, -245),
    (132, 27, 4, 18, 312, 4, 44, -22, 0, -258),
    (145, 0, 8, 0, 312, 4, 46, -26, 0, -262),
)
LACED = (
    (-140, 0, -122, 0, 168, 12, 46, 4, 0, -50),
    (-127, 25, -114, 21, 168, 12, 46, 3, 2, -50),
    (-98, 34.5, -92, 33, 166, 10, 44, 0, 1, -50),
    (-55, 36, -62, 37, 165, 8, 44, -2, 1, -52),
    (-8, 37, -36, 33, 168, 6, 42, 2, 4, -50),
    (35, 43, -22, 24, 174, 5, 38, 6, 12, -50),
    (72, 47.5, -4, 22, 130, 5, 28, 14, 20, -24),
    (105, 42.5, 34, 19, 97, 5, 24, 22, 20, -11),
    (132, 26, 57, 12, 81, 5, 24, 31, 11, -7),
    (143, 0, 63, 0, 79, 5, 27, 37, 0, -8),
)
_WELT = [
    (1, -5.5, 2),
    (1, -5.5, 4.6),
    (1, -5, 5),
    (1, -2.4, 5),
    (1, -1.9, 4.6),
    (1, -1.2, 1),
    (1, -1.2, -3),
]


def _at(s: float) -> Knots:
    """Draw a line all around the upper at one height."""
    return [(2.0 * k, s) for k in range(10)]


CHELSEA = {
    "last": SHAFT, "ground": {"heel": 0.042, "toe": 0.016, "spring": 0.009, "arch": 0.017},
    "pad": (0.0, 4.6), "crumple": 0.0012,
    "patches": (
        ("elastic", True, [(2.85, 0.9), (3.3, 0.54), (4.0, 0.44), (4.8, 0.54), (5.35, 0.9)],
         [(2.6, 1), (3.3, 1), (4.0, 1), (4.8, 1), (5.5, 1)], 1.1),
        ("upper", False, [(-0.3, 0), (-0.24, 0.5), (-0.3, 1)], [(0.3, 0), (0.24, 0.5), (0.3, 1)],
         1.2),
    ),
    "threads": (([(2.55, 0.99), (2.78, 0.88), (3.2, 0.53), (4.0, 0.41), (4.9, 0.53), (5.42, 0.88),
                  (5.56, 0.99)], 0.9), ([(4.2, 0.02), (4.15, 0.22), (3.98, 0.42)], 0.8)),
    "soles": (
        ("sole", "", [(0, 0, -1), (0, 0.8, 2.4), (0.5, 0, 3.2), (1, -5.5, 4.6), (1, -5.4, 0)]),
        ("welt", "", _WELT),
    ),
    "tabs": ((0, 0.02, 0.02), (9, 0.018, 0.02)),
    "made": {"elastic": ("cloth", {"ribs": "#1b1b1e"}), "sole": ("rubber", {}),
             "welt": ("leather", {}), "upper": ("leather", {"rough": 0.38})},
}  # fmt: skip

WORK = {
    "last": LACED, "ground": {"heel": 0.040, "toe": 0.020, "spring": 0.009, "arch": 0.014},
    "pad": (0.002, 4.8), "crumple": 0.0014,
    "patches": (
        ("upper", False, [(4.6, 0.05), (4.75, 0.3), (5.0, 0.6), (6.2, 0.66), (7.4, 0.72), (9, 0.80),
                          (10.6, 0.72), (11.8, 0.66), (13.0, 0.6), (13.25, 0.3), (13.4, 0.05)],
                          [(4.5, 0.1), (4.55, 0.4), (4.5, 1), (6, 1), (7.5, 1), (9, 1), (10.5, 1),
                           (12, 1), (13.5, 1), (13.45, 0.4), (13.5, 0.1)], 1.5),
        ("cap", False, [(6.7, 0), (9, 0), (11.3, 0)],
         [(6.7, 0.05), (7.6, 0.34), (9, 0.5), (10.4, 0.34), (11.3, 0.05)], 1.8),
        ("upper", False, [(-2.3, 0.0), (-1.4, 0), (0, 0), (1.4, 0), (2.3, 0)],
         [(-2.4, 0.22), (-1.2, 0.4), (0, 0.45), (1.2, 0.4), (2.4, 0.22)], 1.6),
        ("collar", False, [(-4.7, 0.86), (-2.5, 0.84), (0, 0.84), (2.5, 0.84), (4.7, 0.86)],
         [(-4.6, 1), (-2.5, 1), (0, 1), (2.5, 1), (4.6, 1)], 1.4),
    ),
    "threads": (([(5.0, 0.64), (6.2, 0.70), (7.4, 0.76), (9, 0.84)], 1.8),
                ([(6.8, 0.02), (7.6, 0.30), (9, 0.46)], 2.0),
                ([(0, 0.42), (1.2, 0.37), (2.3, 0.2)], 1.9),
                ([(0, 0.87), (2.5, 0.87), (4.5, 0.89)], 1.7)),
    "soles": (
        ("sole", "lugs", [(0, 0, -1), (0, 0.6, 3.4), (0, 7, 4), (0.5, 4, 4.2), (1, -6, 5.4),
                          (1, -5.8, 0)]),
        ("welt", "", _WELT),
    ),
    "tongue": ((-0.012, 0.012), 0.004),
    "laces": ([5.15 + 0.42 * k for k in range(7)], 0.90, 0.0055, True), "eyelet": 0.0032,
    "tabs": ((0, 0.02, 0.022),),
    "made": {"upper": ("leather", {"rough": 0.5}), "cap": ("leather", {"rough": 0.5}),
             "collar": ("leather", {"rough": 0.5}), "tongue": ("leather", {}),
             "welt": ("leather", {}), "eyelet": ("metal", {"rough": 0.3})},
}  # fmt: skip

RAIN = {
    "last": TALL, "ground": {"heel": 0.034, "toe": 0.020, "spring": 0.009, "arch": 0.010},
    "pad": (0.0, 4.6), "crumple": 0.0006,
    "patches": (
        ("trim", False, _at(0.955), _at(0.999), 1.8),
        ("upper", False, [(6.3, 0), (9, 0), (11.7, 0)],
         [(6.3, 0.03), (7.5, 0.12), (9, 0.19), (10.5, 0.12), (11.7, 0.03)], 1.6),
        ("upper", False, [(-1.9, 0), (0, 0), (1.9, 0)], [(-1.9, 0.03), (0, 0.24), (1.9, 0.03)],
         1.6),
        ("strap", True, [(3.0, 0.82), (4.4, 0.82), (5.8, 0.82)],
         [(3.0, 0.87), (4.4, 0.87), (5.8, 0.87)], 2.4),
        ("trim", True, [(4.7, 0.81), (4.85, 0.81), (5.0, 0.81)],
         [(4.7, 0.88), (4.85, 0.88), (5.0, 0.88)], 4.0),
    ),
    "soles": (
        ("sole", "lugs", [(0, 0, -1), (0, 0.6, 3), (0, 6, 3.4), (0.6, 2, 3.4), (1, -1, 3.8),
                          (1, 3, 3.4), (1, 5, 2.6), (1, 5.4, 0)]),
        ("trim", "", [(1, -4, 3), (1, -4, 4.2), (1, -1.5, 4.4), (1, -1, 3)]),
    ),
    "made": {"upper": ("lacquer", {"rough": 0.22}), "trim": ("lacquer", {"rough": 0.3}),
             "strap": ("lacquer", {"rough": 0.3}), "sole": ("rubber", {})},
}  # fmt: skip

HIKE = {
    "last": LACED, "ground": {"heel": 0.035, "toe": 0.025, "spring": 0.011, "arch": 0.006},
    "pad": (0.005, 4.9), "crumple": 0.0012,
    "patches": (
        ("stay", False, [(4.7, 0.78), (5.5, 0.66), (6.5, 0.60), (7.4, 0.68), (9, 0.78),
                         (10.6, 0.68), (11.5, 0.60), (12.5, 0.66), (13.3, 0.78)],
                         [(4.8, 0.99), (7, 1), (9, 1), (11, 1), (13.2, 0.99)], 1.8),
        ("stay", False, [(-2.6, 0.0), (-1.4, 0), (0, 0), (1.4, 0), (2.6, 0)],
         [(-2.6, 0.16), (-1.3, 0.44), (0, 0.62), (1.3, 0.44), (2.6, 0.16)], 1.8),
        ("stay", True, [(2.7, 0.02), (3.5, 0.3), (4.2, 0.62), (4.8, 0.80)],
         [(3.7, 0.02), (4.3, 0.28), (4.7, 0.5), (5.3, 0.7)], 1.8),
        ("stripe", True, [(1.7, 0.58), (2.8, 0.60), (4.1, 0.68)],
         [(1.7, 0.63), (2.8, 0.65), (4.2, 0.73)], 1.2),
        ("cap", False, [(5.6, 0), (9, 0), (12.4, 0)],
         [(5.6, 0.05), (7.4, 0.17), (8.2, 0.26), (9, 0.38), (9.8, 0.26), (10.6, 0.17),
          (12.4, 0.05)], 2.4),
    ),
    "threads": (([(4.85, 0.81), (5.5, 0.69), (6.5, 0.635), (7.4, 0.71), (9, 0.81)], 2.0),
                ([(0, 0.58), (1.2, 0.41), (2.5, 0.14)], 2.0)),
    "soles": (
        ("sole", "lugs", [(0, 0, -2), (0, 0.5, 4.6), (0, 8, 5.6), (0, 8.6, 3)]),
        ("midsole", "", [(0, 8, 3), (0, 8.2, 6), (0.6, 2, 6.6), (0.9, 0, 6), (1, 0, 4),
                         (1.06, 0, 1.5), (1, 0, -3)]),
    ),
    "tongue": ((-0.016, 0.018), 0.008),
    "laces": ([5.2 + 0.42 * k for k in range(7)], 0.88, 0.005, True), "eyelet": 0.0034,
    "tabs": ((0, 0.02, 0.022),),
    "made": {"upper": ("cloth", {"thread": 0.003}), "stay": ("cloth", {}), "stripe": ("cloth", {}),
             "cap": ("rubber", {}), "midsole": ("rubber", {}),
             "tongue": ("cloth", {"thread": 0.003}), "eyelet": ("metal", {"rough": 0.3})},
}  # fmt: skip

KIND = Kind(
    name=Words("Boot", "靴子"),
    category=(Words("Shoes", "鞋靴"), Words("Boots and wellies", "靴鞋"), Words("Boots", "靴子")),
    stands="floor", build=build, sides=(-56.0, 34.0, -140.0), height_deg=14.0,
    detachable=("lace", "tab", "strap", "tongue", "cap"),
    groups=(
        Group(
            "boot-alder", "Halden & Rye", Words("Alder Chelsea boots", "切尔西短靴"),
            Words("Ankle-high Chelsea boots with elastic gussets, pull tabs front and back, and a stacked block heel.",
                  "及踝切尔西靴，两侧松紧带，前后拉环穿脱方便，叠层方跟稳当百搭。"),
            Words("Full-grain leather, rubber sole", "头层牛皮，橡胶大底"), "189.00",
            (
                Variant(Words("chestnut brown", "栗棕色"),
                        {"upper": "#6d3d22", "elastic": "#57402f", "welt": "#4a2c1a",
                         "sole": "#2a211c", "thread": "#a87748", "lining": "#c2a581",
                         "tab": "#4d2f1d"}, "brown"),
                Variant(Words("black", "黑色"), {"upper": "#26272b", "elastic": "#4a4b50",
                                               "welt": "#222327", "sole": "#222327",
                                               "thread": "#4b4d53", "lining": "#8c7a63",
                                               "tab": "#26272b"}, "black"),
            ),
            CHELSEA,
        ),
        Group(
            "boot-foundry", "Halden & Rye", Words("Foundry lace-up work boots", "系带工装靴"),
            Words("Sturdy work boots with a stitched toe cap, a padded collar and a lugged sole on a leather welt.",
                  "结实耐穿的工装靴，缝线鞋头，加厚鞋口，真皮沿条配深齿防滑大底。"),
            Words("Oiled leather, rubber sole", "油蜡牛皮，橡胶大底"), "215.00",
            (
                Variant(Words("wheat", "小麦色"),
                        {"upper": "#bb8746", "cap": "#bb8746", "collar": "#5b3b22",
                         "tongue": "#a97538", "welt": "#d2a768", "sole": "#3a2a1e",
                         "thread": "#f0dfb8", "lining": "#a98453", "lace": "#7a4f2a",
                         "eyelet": "#c9a14a", "tab": "#5b3b22"}, "brown"),
                Variant(Words("oxblood red", "牛血红"),
                        {"upper": "#6e2226", "cap": "#6e2226", "collar": "#3a1a1b",
                         "tongue": "#5d1c20", "welt": "#3a2219", "sole": "#232326",
                         "thread": "#c79c8c", "lining": "#8d6a4c", "lace": "#2b2325",
                         "eyelet": "#c9cbcd", "tab": "#3a1a1b"}, "red"),
            ),
            WORK,
        ),
        Group(
            "boot-puddle", "Tarn", Words("Puddle tall rain boots", "高筒雨靴"),
            Words("Waterproof knee-high rain boots in glossy natural rubber with a side strap and a grippy sole.",
                  "亮面天然橡胶高筒雨靴，整体防水，侧边调节带，防滑大底，雨天不湿脚。"),
            Words("Natural rubber, cotton lining", "天然橡胶，棉质内里"), "89.00",
            (
                Variant(Words("bright yellow", "亮黄色"),
                        {"upper": "#e5b417", "trim": "#f1ede5", "strap": "#e5b417",
                         "sole": "#3b3a38", "lining": "#d8d0bd"}, "yellow"),
                Variant(Words("bottle green", "墨绿色"),
                        {"upper": "#24503a", "trim": "#1d2b25", "strap": "#24503a",
                         "sole": "#1e2422", "lining": "#8c8a72"}, "green"),
            ),
            RAIN,
        ),
        Group(
            "boot-cairn", "Tarn", Words("Cairn mid hiking boots", "中帮徒步登山靴"),
            Words("Mid-height hiking boots with a padded ankle, a rubber toe rand and deep lugs for wet rock.",
                  "中帮徒步靴，加厚护踝，橡胶防撞鞋头，深齿大底，湿滑山路也抓得牢。"),
            Words("Suede and mesh, rubber outsole", "反绒皮拼网布，橡胶外底"), "159.00",
            (
                Variant(Words("slate grey and blue", "石板灰配蓝"),
                        {"upper": "#6c7279", "stay": "#474d55", "stripe": "#2a6ea8",
                         "cap": "#2d2e33", "midsole": "#8d9298", "sole": "#232428",
                         "tongue": "#5b6168", "thread": "#b9bec4", "lining": "#34383e",
                         "lace": "#2a6ea8", "eyelet": "#8b8d90", "tab": "#2a6ea8"}, "grey"),
                Variant(Words("olive and orange", "橄榄绿配橙"),
                        {"upper": "#6a6b42", "stay": "#4c4d2d", "stripe": "#d3672a",
                         "cap": "#2f2e2a", "midsole": "#b7a888", "sole": "#2b2925",
                         "tongue": "#5a5b38", "thread": "#c8c29a", "lining": "#3b3b2a",
                         "lace": "#d3672a", "eyelet": "#8b8d90", "tab": "#d3672a"}, "green"),
            ),
            HIKE,
        ),
    ),
)  # fmt: skip
