"""Sneakers: a plimsoll, a running shoe, a high-top, a court shoe; see ``last`` for coordinates."""

import numpy as np

from sample_shop.model.design import Form, Group, Kind, Paint, Variant, Words
from sample_shop.model.forms import Part, smooth_path, superellipse, sweep
from sample_shop.model.last import HALF, Last, assembled, covered, placed

_LOOP = (
    (0.1, 0.9, 0.012),
    (-0.1, 0.66, 0.010),
    (0.1, 0.53, 0.007),
    (0.45, 0.62, 0.009),
    (0.5, 0.84, 0.011),
)
"""Where a bow's loop lies: rows below the first, height on the upper, metres above it."""
_END = ((0.8, 0.88, 0.012), (1.1, 0.7, 0.006), (1.15, 0.52, 0.0035))


def _bow(foot: Last, row: float, s: float, width: float) -> list[Part]:
    """Tie two loops and two ends that lie upon the quarters."""
    cord = [(float(x), float(y)) for x, y in superellipse(width * 0.36, 0.0014, 2.5, 12)]
    left, right = foot.at(row, s, 0.004), foot.at(2 * HALF - row, s, 0.004)
    knot = (left + right) / 2 + np.array([0.002, 0, 0.0085])
    parts = []
    for k, side in enumerate((1, -1)):

        def on(t: float, s: float, out: float, side: int = side) -> np.ndarray:
            return foot.at(t if side > 0 else 2 * HALF - t, s, out)

        out = [on(row + t, s, lift) for t, s, lift in _LOOP]
        loop = [knot, *out, knot + np.array([0.004, 0, 0])]
        end = [knot + np.array([0.002, 0, 0]), *(on(row + t, s, lift) for t, s, lift in _END)]
        parts.append(sweep(f"lace.{20 + k}", smooth_path(loop, 60), cord))
        parts.append(sweep(f"lace.{22 + k}", smooth_path(end, 40), cord))
    across = [knot + np.array([0, d, -abs(d) * 0.35]) for d in (-0.006, -0.003, 0, 0.003, 0.006)]
    thick = [(x * 1.5, y * 3) for x, y in cord]
    parts.append(sweep("lace.24", across, thick, scales=[0.4, 0.9, 1, 0.9, 0.4]))
    return parts


def build(form: Form, colours: Paint) -> list[Part]:
    """Model a left shoe from the pieces that ``form`` lists, its laces tied."""
    foot, parts = assembled(form, colours)
    if form.get("bow"):
        rows, s, width, _ = form["laces"]
        bow = _bow(foot, rows[0], s, width)
        covered(bow, form["made"], colours)
        parts += bow
    return placed(parts)


LOW = (
    (-140, 0, -131, 0, 88, 15, 22, -6, 0, -20),
    (-127, 25, -122, 21, 86, 15, 22, -3, 4, -20),
    (-98, 34.5, -96, 28.5, 74, 12, 20, 0, 6, -16),
    (-55, 36, -58, 32, 66, 10, 16, 0, 6, -14),
    (-8, 37, -22, 32, 79, 8, 20, 4, 9, -18),
    (35, 43, 4, 24, 97, 5, 22, 8, 16, -18),
    (72, 47.5, 26, 20, 90, 5, 22, 12, 20, -12),
    (105, 42.5, 48, 17, 80, 5, 22, 20, 18, -8),
    (132, 26, 64, 11, 73.5, 5, 22, 28, 10, -6),
    (143, 0, 69, 0, 72, 5, 24, 34, 0, -7),
)
HIGH = (
    (-140, 0, -126, 0, 152, 12, 42, 8, 0, -42),
    (-127, 25, -116, 21, 152, 12, 42, 4, 3, -42),
    (-98, 34.5, -92, 31, 149, 10, 40, 0, 2, -42),
    (-55, 36, -60, 34, 147, 8, 40, -2, 2, -45),
    (-8, 37, -34, 31, 152, 6, 40, 4, 6, -42),
    (35, 43, -18, 23, 160, 5, 36, 8, 14, -42),
    (72, 47.5, 0, 22, 122, 5, 26, 14, 20, -22),
    (105, 42.5, 38, 19, 92, 5, 22, 22, 20, -10),
    (132, 26, 62, 12, 77, 5, 22, 30, 11, -7),
    (143, 0, 68, 0, 75, 5, 24, 35, 0, -8),
)
_STAY = [
    (4.75, 0.70),
    (5.6, 0.72),
    (7.2, 0.76),
    (9, 0.80),
    (10.8, 0.76),
    (12.4, 0.72),
    (13.25, 0.70),
]
_THROAT = [(4.75, 1), (9, 1), (13.25, 1)]
_CLOTH = ("cloth", {})
_KNIT = ("cloth", {"thread": 0.003})

CANVAS = {
    "last": LOW, "ground": {"heel": 0.026, "toe": 0.024, "spring": 0.008}, "pad": (0.0005, 4.6),
    "bow": True,
    "patches": (
        ("upper", False, _STAY, _THROAT, 1.3),
        ("upper", False, [(-0.42, 0), (-0.36, 0.5), (-0.4, 1)], [(0.42, 0), (0.36, 0.5), (0.4, 1)],
         1.3),
        ("cap", False, [(6.9, 0), (9, 0), (11.1, 0)],
         [(6.9, 0.02), (7.6, 0.36), (9, 0.53), (10.4, 0.36), (11.1, 0.02)], 2.2),
        ("stripe", True, [(2.6, 0.05), (3.2, 0.45), (4.0, 0.86)],
         [(3.1, 0.05), (3.7, 0.45), (4.35, 0.86)], 1.0),
    ),
    "threads": (
        ([(4.85, 0.73), (5.6, 0.75), (7.2, 0.79), (9, 0.83)], 1.6),
        ([(0.5, 0.93), (2, 0.92), (3.5, 0.92), (4.7, 0.93)], 0.8),
        ([(3.9, 0.1), (4.3, 0.4), (4.7, 0.72)], 0.8),
    ),
    "soles": (
        ("sole", "bumper", [(0, 0, 0), (0.02, 0, 3), (0.1, 0, 4.1), (0.5, 0, 4.2), (0.9, 0, 4.1),
                            (0.98, 0, 3), (1, 0, 1.6), (1, 0, -3)]),
        ("stripe", "bumper", [(0.66, 0, 3), (0.67, 0, 4.6), (0.69, 0, 4.8), (0.77, 0, 4.8),
                              (0.79, 0, 4.6), (0.8, 0, 3)]),
        ("tread", "bumper", [(0, 0, 0), (0, 0, 3.6), (0, 0.5, 4.4), (0, 3, 4.6), (0, 3.4, 3)]),
    ),
    "tongue": ((-0.010, 0.011), 0.003),
    "laces": ([5.12 + 0.48 * k for k in range(6)], 0.88, 0.0075, False), "eyelet": 0.0036,
    "made": {"upper": _CLOTH, "tongue": _CLOTH, "cap": ("lacquer", {"rough": 0.5}),
             "sole": ("lacquer", {"rough": 0.5}), "stripe": ("rubber", {}),
             "tread": ("rubber", {})},
}  # fmt: skip

RUNNER = {
    "last": LOW, "ground": {"heel": 0.041, "toe": 0.026, "spring": 0.014}, "pad": (0.0035, 4.8),
    "bow": True,
    "patches": (
        ("stay", False, [(4.6, 0.62), (5.4, 0.60), (6.2, 0.72), (7.4, 0.74), (9, 0.82),
                         (10.6, 0.74), (11.8, 0.72), (12.6, 0.60), (13.4, 0.62)],
                         [(4.7, 0.98), (9, 1), (13.3, 0.98)], 1.5),
        ("cap", False, [(6.6, 0), (9, 0), (11.4, 0)],
         [(6.6, 0.08), (7.5, 0.2), (8.2, 0.28), (9, 0.42), (9.8, 0.28), (10.5, 0.2), (11.4, 0.08)],
         1.3),
        ("counter", False, [(-2.6, 0.0), (-1.6, 0), (0, 0), (1.6, 0), (2.6, 0)],
         [(-2.6, 0.1), (-1.5, 0.5), (0, 0.62), (1.5, 0.5), (2.6, 0.1)], 2.6),
        ("stripe", True, [(2.0, 0.55), (2.9, 0.48), (3.9, 0.58), (4.7, 0.72)],
         [(2.2, 0.70), (2.95, 0.62), (3.85, 0.72), (4.65, 0.86)], 1.3),
        ("stripe", True, [(3.3, 0.02), (3.75, 0.28), (4.35, 0.5), (5.0, 0.66)],
         [(3.9, 0.02), (4.25, 0.24), (4.75, 0.44), (5.3, 0.62)], 1.3),
    ),
    "threads": (([(4.75, 0.66), (5.4, 0.64), (6.2, 0.755), (7.4, 0.775), (9, 0.85)], 1.8),),
    "soles": (
        ("sole", "flare", [(0, 5, 0), (0, 5, 4), (0.18, 4, 7), (0.34, 3, 8), (0.48, 1, 7.4),
                           (0.54, 0, 5), (0.58, 0, 4.6), (0.63, 0, 6), (0.8, 0, 6), (0.93, 0, 5),
                           (1, 0, 3), (1.03, 0, 1), (1, 0, -3)]),
        ("tread", "lugs", [(0, 0, -2), (0, 0, 3), (0, 1, 4.4), (0, 5, 5.4), (0, 5.2, 3)]),
    ),
    "tongue": ((-0.012, 0.019), 0.006),
    "laces": ([5.2 + 0.46 * k for k in range(6)], 0.87, 0.006, True), "eyelet": 0.0026,
    "tabs": ((0, 0.022, 0.018),),
    "made": {"upper": _KNIT, "tongue": _KNIT, "stay": ("lacquer", {"rough": 0.5}),
             "cap": ("lacquer", {"rough": 0.5}), "counter": ("lacquer", {"rough": 0.35}),
             "stripe": ("lacquer", {"rough": 0.35}), "sole": ("rubber", {}),
             "tread": ("rubber", {}), "eyelet": ("rubber", {})},
}  # fmt: skip

STRAPPED = {
    "last": HIGH, "ground": {"heel": 0.031, "toe": 0.027, "spring": 0.008}, "pad": (0.004, 4.9),
    "bridge": ((5.2, 0.88, 0.03),),
    "patches": (
        ("stay", False, [(4.7, 0.80), (5.6, 0.72), (6.6, 0.70), (7.4, 0.74), (9, 0.82),
                         (10.6, 0.74), (11.4, 0.70), (12.4, 0.72), (13.3, 0.80)], _THROAT, 1.6),
        ("cap", False, [(6.2, 0), (9, 0), (11.8, 0)],
         [(6.2, 0.1), (7.3, 0.24), (8.2, 0.36), (9, 0.5), (9.8, 0.36), (10.7, 0.24), (11.8, 0.1)],
         1.8),
        ("stay", False, [(-2.4, 0.0), (-1.4, 0), (0, 0), (1.4, 0), (2.4, 0)],
         [(-2.5, 0.3), (-1.4, 0.46), (0, 0.5), (1.4, 0.46), (2.5, 0.3)], 1.8),
        ("stripe", True, [(2.7, 0.02), (3.6, 0.36), (4.3, 0.68)],
         [(3.5, 0.02), (4.2, 0.34), (4.7, 0.64)], 1.6),
        ("strap", False, [(-5.3, 0.82), (-4.2, 0.70), (-2.5, 0.66), (0, 0.68), (2.5, 0.66),
                          (4.2, 0.70), (5.3, 0.82)], [(-5.0, 0.97), (-4.2, 0.9), (-2.5, 0.86),
                                                      (0, 0.88), (2.5, 0.86), (4.2, 0.9),
                                                      (5.0, 0.97)], 2.6),
    ),
    "threads": (([(4.9, 0.83), (5.7, 0.75), (6.6, 0.73), (7.4, 0.77), (9, 0.85)], 1.9),
                ([(6.4, 0.08), (7.3, 0.21), (8.2, 0.33), (9, 0.47)], 2.0),
                ([(0, 0.70), (2.5, 0.68), (4.2, 0.72), (5.2, 0.84)], 2.8),
                ([(0, 0.47), (1.4, 0.43), (2.4, 0.28)], 2.0)),
    "soles": (
        ("sole", "", [(0, 0, 0), (0.02, 0, 3.4), (0.1, 0, 5), (0.5, 0, 5.2), (0.9, 0, 5),
                      (0.98, 0, 3.6), (1.08, 0, 1.8), (1, 0, -3)]),
        ("tread", "", [(0, 0, 0), (0, 0, 3.8), (0, 0.6, 5.2), (0, 6, 5.6), (0, 6.6, 4)]),
        ("sole", "", [(0.74, 0, 4), (0.75, 0, 5.6), (0.78, 0, 5.7), (0.79, 0, 4)]),
    ),
    "tongue": ((-0.014, 0.024), 0.007),
    "laces": ([5.75 + 0.4 * k for k in range(6)], 0.88, 0.0075, False), "eyelet": 0.003,
    "tabs": ((0, 0.02, 0.022),), "holes": [(7.9 + 0.25 * k,
                                            0.62 + 0.05 * j) for k in range(5) for j in range(3)],
    "made": {"upper": ("leather", {}), "tongue": ("leather", {}), "stay": _CLOTH, "cap": _CLOTH,
             "strap": ("leather", {}), "stripe": ("leather", {}), "tread": ("rubber", {})},
}  # fmt: skip

COURT = {
    "last": LOW, "ground": {"heel": 0.027, "toe": 0.023, "spring": 0.007}, "pad": (0.0028, 4.6),
    "patches": (
        ("upper", False, [(4.3, 0.05), (4.6, 0.4), (5.5, 0.62), (7.2, 0.72), (9, 0.80),
                          (10.8, 0.72), (12.5, 0.62), (13.4, 0.4), (13.7, 0.05)],
                          [(4.2, 0.2), (4.5, 0.6), (4.9, 1), (7, 1), (9, 1), (11, 1), (13.1, 1),
                           (13.5, 0.6), (13.8, 0.2)], 1.6),
        ("upper", False, [(6.0, 0), (9, 0), (12.0, 0)],
         [(6.0, 0.1), (7.4, 0.24), (8.2, 0.34), (9, 0.46), (9.8, 0.34), (10.6, 0.24), (12.0, 0.1)],
         1.4),
        ("counter", False, [(-1.5, 0.52), (-0.7, 0.5), (0, 0.5), (0.7, 0.5), (1.5, 0.52)],
         [(-1.8, 0.98), (-0.7, 1), (0, 1), (0.7, 1), (1.8, 0.98)], 2.0),
        ("stripe", True, [(2.3, 0.08), (2.95, 0.36), (2.7, 0.7)],
         [(2.75, 0.08), (3.45, 0.36), (3.25, 0.7)], 1.4),
    ),
    "threads": (([(4.6, 0.5), (5.5, 0.66), (7.2, 0.76), (9, 0.84)], 1.9),
                ([(6.2, 0.08), (7.4, 0.2), (8.2, 0.3), (9, 0.42)], 1.7),
                ([(0, 0.54), (0.7, 0.54), (1.4, 0.57)], 2.2)),
    "soles": (
        ("sole", "", [(0, 0, 0), (0.02, 0, 2.6), (0.1, 0, 4), (0.5, 0, 4.4), (0.9, 0, 4.4),
                      (1.0, 0, 3.4), (1.1, 0, 1.6), (1, 0, -3)]),
        ("tread", "", [(0, 0, 0), (0, 0, 2.8), (0, 0.6, 4.2), (0, 3.4, 4.6), (0, 4, 3)]),
    ),
    "tongue": ((-0.011, 0.015), 0.0055),
    "laces": ([5.15 + 0.44 * k for k in range(6)], 0.87, 0.0075, False), "eyelet": 0.0022,
    "holes": [(8.3 + 0.35 * k, 0.56 + 0.06 * j) for k in range(3) for j in range(3)],
    "made": {"upper": ("lacquer", {"rough": 0.42}), "tongue": ("lacquer", {"rough": 0.42}),
             "counter": ("leather", {}), "stripe": ("leather", {}), "tread": ("rubber", {}),
             "eyelet": ("rubber", {})},
}  # fmt: skip

KIND = Kind(
    name=Words("Sneaker", "运动鞋"),
    category=(Words("Shoes", "鞋靴"), Words("Casual shoes", "休闲鞋"), Words("Sneakers", "运动鞋")),
    stands="table", build=build, sides=(-64.0, 38.0, -136.0), height_deg=16.0,
    detachable=("lace", "tongue", "stripe", "strap"),
    groups=(
        Group("sneaker-jetty", "Cadence", Words("Jetty low canvas plimsoll", "低帮帆布胶底鞋"),
            Words("A light canvas plimsoll on a vulcanised sole, with a rubber toe cap and metal eyelets.",
                  "轻便帆布鞋面，硫化橡胶大底，橡胶鞋头配金属鞋眼，百搭好穿。"),
            Words("Cotton canvas, rubber sole", "棉质帆布，橡胶大底"), "49.00",
            (Variant(Words("navy", "藏青色"),
                     {"upper": "#2c3e66", "cap": "#efe9dc", "sole": "#efe9dc", "stripe": "#b8322e",
                      "tread": "#b58a5a", "thread": "#e8e2d4", "lining": "#ddd3c0",
                      "lace": "#efebe2", "eyelet": "#c9cbcd"}, "blue"),
                Variant(Words("sunflower yellow", "向日葵黄"),
                        {"upper": "#dfa321", "cap": "#efe9dc", "sole": "#efe9dc",
                         "stripe": "#2b2c30", "tread": "#b58a5a", "thread": "#f3ead0",
                         "lining": "#ddd3c0", "lace": "#efebe2", "eyelet": "#c9cbcd"}, "yellow")),
                         CANVAS),
        Group("sneaker-tempo", "Cadence",
              Words("Tempo 3 cushioned running shoe", "Tempo 3 缓震跑鞋"),
            Words("A breathable knit running shoe on a thick rebound midsole, with a moulded heel cup and a pull tab.",
                  "透气针织鞋面，厚底回弹中底，定型后跟配提拉环，日常慢跑脚感轻弹。"),
            Words("Polyester knit, EVA midsole, rubber outsole",
                  "涤纶针织鞋面，EVA 中底，橡胶外底"), "119.00",
            (Variant(Words("grey and coral orange", "灰配珊瑚橙"),
                     {"upper": "#8d9299", "tongue": "#7b8088", "stay": "#5b6068", "cap": "#5b6068",
                      "counter": "#e0592f", "stripe": "#e0592f", "sole": "#f1ede5",
                      "tread": "#2d2e33", "thread": "#d8d8d8", "lining": "#3b3d43",
                      "lace": "#e0592f", "eyelet": "#2d2e33", "tab": "#e0592f"}, "grey"),
                Variant(Words("purple and mint", "紫配薄荷绿"),
                        {"upper": "#6c4a9c", "tongue": "#5b3c88", "stay": "#46306b",
                         "cap": "#46306b", "counter": "#8ccfb2", "stripe": "#8ccfb2",
                         "sole": "#f1ede5", "tread": "#46306b", "thread": "#c9b8e6",
                         "lining": "#33244f", "lace": "#8ccfb2", "eyelet": "#33244f",
                         "tab": "#8ccfb2"}, "purple")), RUNNER),
        Group("sneaker-halftime", "Cadence",
              Words("Halftime high-top with ankle strap", "Halftime 高帮绑带板鞋"),
            Words("A padded leather high-top with suede overlays, held at the ankle by a wide hook-and-loop strap.",
                  "加厚高帮皮质鞋身拼接反绒皮，脚踝宽魔术贴绑带，稳固又有型。"),
            Words("Leather and suede, rubber cup sole", "牛皮拼反绒皮，橡胶大底"), "135.00",
            (Variant(Words("black and red", "黑红色"),
                     {"upper": "#2b2c30", "tongue": "#26272b", "stay": "#26272b", "cap": "#26272b",
                      "strap": "#a92a2c", "stripe": "#a92a2c", "sole": "#f1ede5",
                      "tread": "#a92a2c", "thread": "#d6d0c6", "lining": "#35363b",
                      "lace": "#26272b", "eyelet": "#8b8d90", "tab": "#a92a2c", "hole": "#121214"},
                      "black"),
                Variant(Words("sand and teal", "沙色配青绿"),
                        {"upper": "#d3bf9d", "tongue": "#cbb48f", "stay": "#b89a6d",
                         "cap": "#b89a6d", "strap": "#2f7f7f", "stripe": "#2f7f7f",
                         "sole": "#f1ede5", "tread": "#b58a5a", "thread": "#f3ead8",
                         "lining": "#c3ae8a", "lace": "#efebe2", "eyelet": "#c9a14a",
                         "tab": "#2f7f7f", "hole": "#6b5638"}, "beige")), STRAPPED),
        Group("sneaker-baseline", "Cadence",
              Words("Baseline leather court shoe", "Baseline 复古网球小白鞋"),
            Words("A clean court shoe in smooth leather, with a perforated toe, a contrast heel and a stitched cup sole.",
                  "简洁皮质网球鞋，鞋头打孔透气，撞色后跟，缝线大底耐穿好搭。"),
            Words("Leather, rubber cup sole", "头层牛皮，橡胶大底"), "95.00",
            (Variant(Words("white and green", "白配绿"),
                     {"upper": "#f1ede5", "tongue": "#f1ede5", "counter": "#27683f",
                      "stripe": "#27683f", "sole": "#f1ede5", "tread": "#e3dccb",
                      "thread": "#cfc8ba", "lining": "#d9d2c3", "lace": "#f4f1ea",
                      "eyelet": "#e8e3d8", "hole": "#8c867a"}, "white"),
                Variant(Words("blush pink", "柔粉色"),
                        {"upper": "#e3a3a6", "tongue": "#e3a3a6", "counter": "#f1ede5",
                         "stripe": "#f1ede5", "sole": "#f1ede5", "tread": "#c99a6a",
                         "thread": "#f6dcd9", "lining": "#ecd2cc", "lace": "#f4f1ea",
                         "eyelet": "#f1ede5", "hole": "#9b6266"}, "pink")), COURT),
    ),
)  # fmt: skip
