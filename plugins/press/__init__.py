"""The press: from the bureau's Markdown to the pages of the portal.

`article` and `catalog` say what there is, `pages` which pages follow from it and what each of them needs,
`rendering` turns one page into bytes, `outputs` puts the whole into place. None of them knows Pelican;
`stock` is the adapter that lets the same pages come out of Pelican's own flow.
"""
