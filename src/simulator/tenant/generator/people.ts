import type { TwinUser } from '../types.ts';
import { guid, pick, type Random } from './chance.ts';

/** A name as people write it, with its Latin form after a bar when the two differ. */
interface Culture {
  readonly language: string;
  readonly familyFirst?: boolean;
  readonly given: readonly string[];
  readonly family: readonly string[];
}

const list = (names: string) => names.split(', ');

const CULTURES: readonly Culture[] = [
  {
    language: 'en-US',
    given: list('Megan, Adele, Alex, Diego, Grace, Isaiah, Jordan, Lee, Miriam, Nestor, Patti, Taylor, Emily, Marcus'),
    family: list(
      "Bowen, Vance, Wilber, Siciliani, O'Brien, Langer, Miller, Gu, Graham, Wilke, Fernandez, Carter, Shaw",
    ),
  },
  {
    language: 'de-DE',
    given: list('Jürgen, Anneliese, Matthias, Käthe, Björn, Sabine, Lukas, Greta, Jörg, Franziska, Till, Ute'),
    family: list('Müller, Schröder, Weiß, Krüger, Hoffmann, Jäger, Böhm, Lindner, Vogel, Brandt, Köhler'),
  },
  {
    language: 'fr-FR',
    given: list('Élodie, François, Chloé, Jérôme, Maëlle, Thierry, Zoé, Benoît, Hélène, Loïc, Amélie, Mathieu'),
    family: list('Lefèvre, Gauthier, Besson, Préfontaine, Moreau, Chevalier, Lacroix, Noël, Garnier, Rousseau'),
  },
  {
    language: 'es-ES',
    given: list('Lucía, Andrés, Begoña, Íñigo, Sofía, Martín, Nuria, Joaquín, Inés, Raúl, Carmen, Tomás'),
    family: list('Muñoz, García, Ibáñez, Peña, Núñez, Herrero, Domínguez, Vázquez, Ortega, Castaño'),
  },
  {
    language: 'pl-PL',
    given: list('Łukasz, Zofia, Paweł, Małgorzata, Michał, Agnieszka, Grzegorz, Katarzyna, Świętosława'),
    family: list('Wójcik, Dąbrowski, Zieliński, Kowalczyk, Szymańska, Woźniak, Piątek, Gołąb'),
  },
  {
    language: 'tr-TR',
    given: list('Ayşe, Çağlar, Gül, İbrahim, Özlem, Şebnem, Emre, Yağmur, Deniz, Burak'),
    family: list('Yılmaz, Öztürk, Çelik, Şahin, Doğan, Kılıç, Aydın, Güneş'),
  },
  {
    language: 'uk-UA',
    given: list('Олена|Olena, Дмитро|Dmytro, Ірина|Iryna, Андрій|Andrii, Наталя|Natalia, Богдан|Bohdan, Юлія|Yuliia'),
    family: list(
      'Шевченко|Shevchenko, Коваль|Koval, Бондар|Bondar, Мельник|Melnyk, Ткаченко|Tkachenko, Гнатюк|Hnatiuk',
    ),
  },
  {
    language: 'ja-JP',
    familyFirst: true,
    given: list('健太|Kenta, 美咲|Misaki, 翔|Sho, 陽菜|Hina, 大輔|Daisuke, さくら|Sakura, 直樹|Naoki, 由美|Yumi'),
    family: list('佐藤|Sato, 鈴木|Suzuki, 高橋|Takahashi, 渡辺|Watanabe, 小林|Kobayashi, 中村|Nakamura, 山本|Yamamoto'),
  },
  {
    language: 'zh-CN',
    familyFirst: true,
    given: list('伟|Wei, 芳|Fang, 娜|Na, 秀英|Xiuying, 强|Qiang, 静|Jing, 丽|Li, 子轩|Zixuan, 雨桐|Yutong'),
    family: list('王|Wang, 李|Li, 张|Zhang, 刘|Liu, 陈|Chen, 杨|Yang, 赵|Zhao, 黄|Huang, 周|Zhou'),
  },
  {
    language: 'en-IN',
    given: list('Aarav, Priya, Rohan, Ananya, Vikram, Kavya, Arjun, Meera, Sanjay, Lakshmi, Divya, Nikhil'),
    family: list('Sharma, Iyer, Patel, Reddy, Banerjee, Nair, Gupta, Kulkarni, Mehta, Chaudhary'),
  },
  {
    language: 'vi-VN',
    familyFirst: true,
    given: list('Thị Hương, Văn Minh, Quốc Bảo, Thuỳ Linh, Đức Anh, Ngọc Ánh, Hữu Phước'),
    family: list('Nguyễn, Trần, Lê, Phạm, Hoàng, Đặng, Võ'),
  },
  {
    language: 'en-NG',
    given: list('Chinwe, Olumide, Ngozi, Adebayo, Amara, Tunde, Ifeoma, Kelechi, Folasade'),
    family: list('Okafor, Adeyemi, Eze, Balogun, Nwosu, Afolabi, Okonkwo, Danjuma'),
  },
];

const JOBS = list(
  'Account Manager, Software Engineer, Data Analyst, Product Manager, Support Engineer, Financial Controller, Recruiter, ' +
    'Designer, Site Reliability Engineer, Legal Counsel, Sales Director, Field Technician, Marketing Specialist, Plant Manager',
);
const OFFICES = list('18/2111, 20/1101, Berlin 3.14, Lyon 2, Kraków B4, Tokyo 27F, Lagos 1, Pune 5C, Remote');

/** The Latin letters of a name that may stand in an address. */
export function addressPart(name: string): string {
  const plain = name
    .replace(/[łŁ]/g, 'l')
    .replace(/[đĐ]/g, 'd')
    .replace(/ı/g, 'i')
    .replace(/ß/g, 'ss')
    .normalize('NFD');
  return plain.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
}

/** `count` people of many cultures, each with an address of their own. */
export function generatePeople(random: Random, count: number, domain: string): TwinUser[] {
  const taken = new Map<string, number>();
  return Array.from({ length: count }, (_, index) => {
    const culture = pick(random, CULTURES);
    const [given, givenLatin] = spelling(pick(random, culture.given));
    const [family, familyLatin] = spelling(pick(random, culture.family));
    const local = `${addressPart(givenLatin)}.${addressPart(familyLatin)}`;
    const namesakes = taken.get(local) ?? 0;
    taken.set(local, namesakes + 1);
    const mail = `${local}${namesakes === 0 ? '' : namesakes + 1}@${domain}`;
    return {
      id: guid(random),
      displayName: displayName(culture, given, family),
      mail,
      userPrincipalName: mail,
      givenName: given,
      surname: family,
      jobTitle: pick(random, JOBS),
      officeLocation: random() < 0.7 ? pick(random, OFFICES) : null,
      mobilePhone: random() < 0.4 ? `+49 151 ${String(Math.floor(random() * 1e8)).padStart(8, '0')}` : null,
      businessPhones: index % 3 === 0 ? [`+1 425 555 ${String(index % 10_000).padStart(4, '0')}`] : [],
      preferredLanguage: random() < 0.8 ? culture.language : null,
      accountEnabled: random() < 0.97,
      userType: random() < 0.95 ? 'Member' : 'Guest',
    };
  });
}

function spelling(name: string): [written: string, latin: string] {
  const [written = name, latin = written] = name.split('|');
  return [written, latin];
}

function displayName({ familyFirst, language }: Culture, given: string, family: string): string {
  if (!familyFirst) return `${given} ${family}`;
  return language === 'vi-VN' ? `${family} ${given}` : `${family}${given}`;
}
