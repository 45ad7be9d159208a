"""Products, images, embeddings, rules, rejections and jobs, in and out of the database.

Read ``products`` first.
"""
