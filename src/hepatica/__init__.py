"""Hepatica: clinical evidence software for liver cancer and other solid tumours."""
