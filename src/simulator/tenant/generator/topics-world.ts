import type { Topic } from './topics.ts';

/** The same company in other languages and scripts. */
export const WORLD: readonly Topic[] = [
  {
    subjects: ['Lieferung {customer}', 'Rückfrage zu {project}'],
    roots: [
      'Die Lieferung für {customer} verzögert sich um {number} Tage. Wer informiert den Kunden?',
      'Könnt ihr bitte bis {time} Uhr die Größenangaben für {project} prüfen?',
      'Störung an Linie {number}: Ersatzteil ist bestellt, Kosten {amount}.',
    ],
    replies: [
      'Mach ich gleich nach dem Mittagessen.',
      'Übernehme ich, danke für den Hinweis!',
      'Das müsste eigentlich schon erledigt sein 🤔',
      'Schöne Grüße aus {city}, passt so.',
    ],
  },
  {
    subjects: ['Réunion {project}', 'Devis {customer}'],
    roots: [
      'Bonjour à tous, la réunion sur {project} est décalée à {time}. Ça vous va ?',
      'Le devis pour {customer} s’élève à {amount}, il faut la validation de {team}.',
      'L’équipe de {city} a réussi la mise à jour {version} 🎉',
    ],
    replies: [
      'Parfait, merci beaucoup !',
      'Je préférerais demain, désolée.',
      'C’est noté, j’envoie le compte rendu ce soir.',
      'Où se trouve la dernière version ?',
    ],
  },
  {
    subjects: ['Entrega de {project}', 'Año nuevo'],
    roots: [
      '¿Alguien puede revisar el informe de {customer} antes de las {time}?',
      'Mañana cerramos {project}; faltan {number} pruebas.',
      'La reunión con {team} pasa al próximo año 😅',
    ],
    replies: ['Lo reviso ahora mismo.', 'Está listo, ¡gracias!', 'Faltan los datos de {city}.', '¡Qué buena noticia!'],
  },
  {
    subjects: ['Wydanie {version}', 'Środowisko testowe'],
    roots: [
      'Środowisko testowe dla {project} znów nie działa. Czy ktoś coś zmieniał?',
      'Proszę o sprawdzenie zamówienia {customer}, różnica wynosi {percent}.',
    ],
    replies: ['Już sprawdzam.', 'U mnie działa 😉', 'Zrobione, dzięki za zgłoszenie!', 'Może chodzi o certyfikat?'],
  },
  {
    subjects: ['Звіт {project}', 'Оновлення {version}'],
    roots: [
      'Колеги, звіт по {project} готовий. Прошу перевірити до {time}.',
      'Сервер у {city} знову недоступний, шукаємо причину.',
      'Замовник {customer} просить знижку {percent}. Що скажете?',
    ],
    replies: ['Дякую, перевірю сьогодні.', 'Вже працює ✅', 'Згоден.', 'Потрібно більше часу, хоча б {number} днів.'],
  },
  {
    subjects: ['{project}の進捗', '会議の件'],
    roots: [
      'お疲れ様です。{project}の進捗を共有します。残りのタスクは{number}件です。',
      '{customer}様との打ち合わせは{time}からに変更になりました。ご確認ください。',
      '{service}で障害が発生しています。原因を調査中です。',
    ],
    replies: [
      '承知しました。',
      'ありがとうございます！',
      '確認しました。問題ありません 🙆‍♀️',
      '少し遅れます、すみません。',
    ],
  },
  {
    subjects: ['{project} 上线', '合同审批'],
    roots: [
      '{project} 计划在 {time} 上线,请大家提前完成测试。',
      '客户 {customer} 的合同已经发到群里,金额 {amount},请审批。',
      '{service} 的响应时间上升了 {percent},正在排查。',
    ],
    replies: ['收到。', '没问题 👍', '我这边已经改好了,麻烦再看一下。', '大概还需要 {number} 天。'],
  },
  {
    subjects: ['تقرير {project}', 'اجتماع'],
    roots: ['تم تأجيل اجتماع {project} إلى الساعة {time}.', 'هل يمكن مراجعة عرض {customer} اليوم؟'],
    replies: ['تمام، شكرًا لكم.', 'سأراجع الملف الآن.', 'ممتاز 👏'],
  },
  {
    subjects: ['{project} टीम', 'बजट'],
    roots: ['{customer} का {thing} आज {time} तक भेजना है।', '{project} के लिए {number} लोग और चाहिए।'],
    replies: ['ठीक है, मैं देखता हूँ।', 'धन्यवाद 🙏', 'हो गया।'],
  },
];
