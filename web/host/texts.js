/* host/texts.js - the texts of the pages of the machine and of programs, which come with them. */
import { addTexts } from '../i18n.js';
import en from '../i18n/en_host.js';
import fr from '../i18n/fr_host.js';

addTexts({ en, fr });
