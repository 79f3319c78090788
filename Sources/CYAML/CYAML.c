#include "CYAML.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct cyaml_parser {
    yaml_parser_t parser;
    yaml_event_t event;
    int has_event;
};

struct cyaml_parser *cyaml_create(const unsigned char *bytes, size_t count) {
    struct cyaml_parser *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    if (!yaml_parser_initialize(&self->parser)) {
        free(self);
        return NULL;
    }
    yaml_parser_set_input_string(&self->parser, bytes, count);
    return self;
}

void cyaml_free(struct cyaml_parser *self) {
    if (self->has_event) yaml_event_delete(&self->event);
    yaml_parser_delete(&self->parser);
    free(self);
}

static void set_error(const yaml_parser_t *parser, struct cyaml_event *event) {
    const char *problem = parser->problem ? parser->problem : "no memory";
    event->kind = CYAML_ERROR;
    event->is_encoding_error = parser->error == YAML_READER_ERROR;
    event->line = parser->problem_mark.line;
    event->column = parser->problem_mark.column;
    event->offset = parser->problem_offset;
    event->text = (const unsigned char *)problem;
    event->length = strlen(problem);
}

static void set_node(struct cyaml_event *event, int kind, const yaml_char_t *anchor, const yaml_char_t *tag) {
    event->kind = kind;
    event->anchor = anchor;
    event->tag = tag;
}

void cyaml_next(struct cyaml_parser *self, struct cyaml_event *event) {
    const yaml_event_t *found = &self->event;
    memset(event, 0, sizeof *event);
    do {
        if (self->has_event) yaml_event_delete(&self->event);
        self->has_event = yaml_parser_parse(&self->parser, &self->event);
        if (!self->has_event) {
            set_error(&self->parser, event);
            return;
        }
    } while (found->type == YAML_STREAM_START_EVENT);
    event->line = found->start_mark.line;
    event->column = found->start_mark.column;
    switch (found->type) {
    case YAML_DOCUMENT_START_EVENT: event->kind = CYAML_DOCUMENT_START; break;
    case YAML_DOCUMENT_END_EVENT: event->kind = CYAML_DOCUMENT_END; break;
    case YAML_ALIAS_EVENT: set_node(event, CYAML_ALIAS, found->data.alias.anchor, NULL); break;
    case YAML_SCALAR_EVENT:
        set_node(event, CYAML_SCALAR, found->data.scalar.anchor, found->data.scalar.tag);
        event->is_plain = found->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        event->text = found->data.scalar.value;
        event->length = found->data.scalar.length;
        break;
    case YAML_SEQUENCE_START_EVENT:
        set_node(event, CYAML_SEQUENCE_START, found->data.sequence_start.anchor, found->data.sequence_start.tag);
        break;
    case YAML_SEQUENCE_END_EVENT: event->kind = CYAML_SEQUENCE_END; break;
    case YAML_MAPPING_START_EVENT:
        set_node(event, CYAML_MAPPING_START, found->data.mapping_start.anchor, found->data.mapping_start.tag);
        break;
    case YAML_MAPPING_END_EVENT: event->kind = CYAML_MAPPING_END; break;
    default: event->kind = CYAML_STREAM_END; break;
    }
}
