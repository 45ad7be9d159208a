"""Look at one kind while modelling it: ``python -m sample_shop.try_kind mug`` writes a sheet."""

import argparse
import importlib
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

from sample_shop.model.design import Kind
from sample_shop.stage.studio import empty_stage, gathered, ground_shadow, on_white, shoot


def main() -> None:
    """Render each group's variants and sides, roughly, next to each other."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("kind", help="a file of kinds/, without .py")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "try")
    parser.add_argument("--samples", type=int, default=12)
    parser.add_argument("--group", type=int, help="only this group, counted from 0")
    parser.add_argument("--variants", type=int, default=1, help="how many colours of each group")
    parser.add_argument("--sides", type=int, default=2, help="how many sides of each")
    options = parser.parse_args()
    kind: Kind = importlib.import_module(f"sample_shop.kinds.{options.kind}").KIND
    options.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, group in enumerate(kind.groups):
        if options.group is not None and number != options.group:
            continue
        for variant in group.variants[: options.variants]:
            row = []
            for side in kind.sides[: options.sides]:
                empty_stage(options.samples)
                parts = kind.build(group.form, variant.paint)
                root = gathered(parts, group.group_id)
                on_white(root, parts, side, kind.height_deg, hangs=kind.stands == "hangs")
                ground = None if kind.stands == "hangs" else ground_shadow(parts)
                row.append(shoot(options.out / "one.png", ground))
            rows.append((f"{group.group_id} {variant.colour.en}", row))
    sheet = Image.new("RGB", (384 * options.sides, 384 * len(rows)), "white")
    pen = ImageDraw.Draw(sheet)
    for y, (name, row) in enumerate(rows):
        for x, picture in enumerate(row):
            sheet.paste(picture, (384 * x, 384 * y))
        pen.text((8, 384 * y + 6), name, fill="black")
    sheet.save(options.out / f"{options.kind}.png")
    print(options.out / f"{options.kind}.png")


if __name__ == "__main__":
    main()
