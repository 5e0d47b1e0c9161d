/* Severities and kinds as a notification names them, then what stands around them. */
#include "words.h"

#include <string.h>

static const struct word {
    const char *key, *english, *french;
} words[] = {
    {"critical", "Critical", "Critique"},
    {"warning", "Warning", "Avertissement"},
    {"unknown", "Unknown", "Inconnu"},
    {"info", "Info", "Information"},
    {"resolved", "Resolved", "Résolu"},
    {"firing", "Firing", "Actif"},
    {"reminder", "still firing", "toujours actif"},
    {"escalated", "escalated", "escalade"},
    {"changed", "changed", "modifié"},
    {"test", "Test", "Essai"},
    {"report", "Report", "Rapport"},
    {"value", "Value", "Valeur"},
    {"threshold", "Threshold", "Seuil"},
    {"since", "Since", "Depuis"},
    {"lasted", "Lasted", "Durée"},
    {"where", "Where", "Où"},
    {"rule", "Rule", "Règle"},
    {"acknowledged", "Acknowledged by", "Pris en charge par"},
    {"open", "Open in the dashboard", "Ouvrir dans le tableau de bord"},
    {"graph", "Graph and history", "Graphique et historique"},
    {"more", "more are not shown here", "autres ne sont pas montrés ici"},
    {"digest", "notifications", "notifications"},
    {"sent", "Sent by gnswatch", "Envoyé par gnswatch"},
    {"receiver", "as", "en tant que"},
};

static const struct word *find(const char *key)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i].key, key))
            return &words[i];
    return NULL;
}

const char *words_get(enum content_language language, const char *key)
{
    const struct word *word = find(key);
    if (!word)
        return key;
    return language == CONTENT_FRENCH ? word->french : word->english;
}

json_t *words_all(enum content_language language)
{
    json_t *all = json_object();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        json_object_set_new(all, words[i].key, json_string(words_get(language, words[i].key)));
    return all;
}
