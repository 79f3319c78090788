#pragma once
#include <stddef.h>

/// What one step of libyaml's parser found.
enum {
    CYAML_ERROR = -1,
    CYAML_STREAM_END,
    CYAML_DOCUMENT_START,
    CYAML_DOCUMENT_END,
    CYAML_ALIAS,
    CYAML_SCALAR,
    CYAML_SEQUENCE_START,
    CYAML_SEQUENCE_END,
    CYAML_MAPPING_START,
    CYAML_MAPPING_END,
};

/// One event. Its pointers are valid until the next step; `line` and `column` begin with 0.
struct cyaml_event {
    int kind;
    /// Of a scalar: written without quotes and without a block indicator.
    int is_plain;
    /// Of an error: the text was not decoded, and `offset` says where instead of `line`.
    int is_encoding_error;
    size_t line;
    size_t column;
    /// Of an error: bytes from the start of the text.
    size_t offset;
    /// The value of a scalar, or what is wrong; may hold any byte.
    const unsigned char *text;
    size_t length;
    /// NULL, or NUL-terminated UTF-8.
    const unsigned char *anchor;
    const unsigned char *tag;
};

struct cyaml_parser;

/// A parser of `count` bytes, which must stay where they are until it is freed; NULL if there is no memory.
struct cyaml_parser *cyaml_create(const unsigned char *bytes, size_t count);

/// The next event. After CYAML_ERROR and CYAML_STREAM_END there is none.
void cyaml_next(struct cyaml_parser *parser, struct cyaml_event *event);

void cyaml_free(struct cyaml_parser *parser);
